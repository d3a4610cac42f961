"use strict";
(() => {
  const data = JSON.parse(document.getElementById("figures").textContent);
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.hidden = true;
  const clock = (s) => {
    const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60, rest = (s % 60).toFixed(1);
    return (h ? `${h}:${String(m).padStart(2, "0")}` : m) + ":" + rest.padStart(4, "0");
  };
  const line = (text, tag = "div") => {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  };
  document.querySelectorAll("figure[data-trace]").forEach((figure) => {
    const svg = figure.querySelector("svg");
    const cursor = svg.querySelector(".cursor");
    const trace = data.traces[figure.dataset.trace];
    const hide = () => {
      tip.hidden = true;
      cursor.setAttribute("visibility", "hidden");
    };
    figure.addEventListener("pointerleave", hide);
    figure.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      if (share < 0 || share >= 1) return hide();
      cursor.setAttribute("x1", share * 1000);
      cursor.setAttribute("x2", share * 1000);
      cursor.setAttribute("visibility", "visible");
      const values = trace[Math.floor(share * trace.length)];
      const lines = [line(clock(data.start_s + share * data.duration_s), "b")];
      if (values) {
        values.map((value, index) => [value, data.labels[index]])
          .sort((a, b) => b[0] - a[0]).slice(0, 3)
          .forEach(([value, label]) => lines.push(line(`${label} ${value}%`)));
      } else lines.push(line("no face"));
      tip.replaceChildren(...lines);
      tip.hidden = false;
      figure.append(tip);
      const left = event.clientX - box.left;
      tip.style.left = `${left + 14 + tip.offsetWidth > box.width ? left - 14 - tip.offsetWidth : left + 14}px`;
      tip.style.top = "24px";
    });
  });
})();
