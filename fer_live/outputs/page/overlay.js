"use strict";

// What to show: ?show=label,bars,box &face=largest|first|all|NUMBER &scale=1 &fps=30 &mirror=1 &token=…
const query = new URLSearchParams(location.search);
const shown = new Set((query.get("show") || "label").split(","));
const wanted = query.get("face") || "largest";
const mirrored = query.get("mirror") === "1";
const UNSURE = "#888888";
const RETRY_MS = 1000;
const STALE_MS = 2000;

const faces = document.getElementById("faces");
let colours = {};
let stale = 0;

faces.className = shown.has("box") ? "boxed" : "listed";
document.documentElement.style.setProperty("--scale", Number(query.get("scale")) || 1);

function made(kind, parent) {
  const element = document.createElement("div");
  element.className = kind;
  parent.append(element);
  return element;
}

function chosen(all) {
  if (wanted === "all") return all;
  const area = (face) => face.box_xywh[2] * face.box_xywh[3];
  if (wanted === "largest") return [...all].sort((a, b) => area(b) - area(a)).slice(0, 1);
  if (wanted === "first") return all.slice(0, 1);
  return all.filter((face) => String(face.id) === wanted);
}

function place(element, face, frame) {
  // The picture fills as much of the page as its shape allows, as a video does.
  const scale = Math.min(innerWidth / frame.width_px, innerHeight / frame.height_px);
  const [left, top, width, height] = face.box_xywh;
  const x = mirrored ? frame.width_px - left - width : left;
  element.style.left = `${(innerWidth - frame.width_px * scale) / 2 + x * scale}px`;
  element.style.top = `${(innerHeight - frame.height_px * scale) / 2 + top * scale}px`;
  element.style.width = `${width * scale}px`;
  element.style.height = `${height * scale}px`;
}

function draw(frame) {
  faces.replaceChildren();
  for (const face of chosen(frame.faces)) {
    const element = made("face", faces);
    element.dataset.id = face.id;
    element.style.setProperty("--colour", colours[face.label] || UNSURE);
    if (shown.has("box")) place(element, face, frame);
    const words = made("words", element);
    if (shown.has("label")) {
      const sure = face.label && face.label in colours;
      const share = sure ? ` ${Math.round(face.confidence * 100)}%` : "";
      made("label", words).textContent = `${face.label || "…"}${share}`;
    }
    if (!shown.has("bars") || !face.probabilities) continue;
    const bars = made("bars", words);
    for (const [label, share] of Object.entries(face.probabilities)) {
      made("name", bars).textContent = label;
      const bar = made("bar", bars);
      bar.style.setProperty("--colour", colours[label] || UNSURE);
      bar.style.width = `${share * 100}%`;
    }
  }
}

function take(message) {
  if (message.kind === "session") colours = message.colours;
  if (message.kind !== "frame") return;
  draw(message);
  // What is no longer true is not shown.
  clearTimeout(stale);
  stale = setTimeout(() => faces.replaceChildren(), STALE_MS);
}

function connect() {
  const asked = new URLSearchParams();
  for (const key of ["fps", "token"]) if (query.has(key)) asked.set(key, query.get(key));
  const secure = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${secure}://${location.host}/?${asked}`);
  socket.onmessage = (event) => take(JSON.parse(event.data));
  socket.onclose = () => {
    faces.replaceChildren();
    setTimeout(connect, RETRY_MS);
  };
}

connect();
