// The page: takes pictures by button, drop and paste, one after another, and shows the answers.

import { Camera, cameraProblem } from "./camera.js";
import { FaceView, countFaces } from "./faces.js";
import { Problem, askHealth, predict } from "./service.js";

const get = (id) => document.getElementById(id);
const waiting = []; // Cards whose pictures are not yet answered, oldest first.
let health = null;
let working = false;
let done = 0;
let all = 0;

async function start() {
  get("here").textContent = window.location.host;
  wireFiles();
  wireCamera();
  get("problem-close").addEventListener("click", () => showProblem(null));
  get("clear").addEventListener("click", clear);
  try {
    await known();
  } catch (error) {
    showProblem(sentence(error));
  }
}

// The service may have been started after the page, or again with another model.
async function known() {
  if (health) return;
  health = await askHealth();
  get("about").textContent = `Model ${health.model} on ${health.device}, version ${health.version}`;
  get("limits").textContent = `Up to ${megabytes(health.limits.max_bytes)} and `
    + `${(health.limits.max_pixels / 1e6).toFixed(0)} million pixels each. `
    + "JPEG, PNG, WebP, GIF, TIFF, BMP or AVIF.";
}

function wireFiles() {
  const files = get("files");
  get("choose").addEventListener("click", () => files.click());
  files.addEventListener("change", () => {
    add(files.files);
    files.value = ""; // The same picture can be chosen again.
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) add(event.clipboardData.files);
    else showProblem("There is no picture on the clipboard. Copy a picture, then paste again.");
  });
  let depth = 0; // Enter and leave also come for the elements inside.
  const mark = (change) => {
    depth = Math.max(0, depth + change);
    get("drop").classList.toggle("over", depth > 0);
  };
  document.addEventListener("dragenter", () => mark(1));
  document.addEventListener("dragleave", () => mark(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(-depth);
    if (event.dataTransfer?.files.length) add(event.dataTransfer.files);
    else showProblem("Only files can be dropped here. Save the picture first, then drop its file.");
  });
}

function add(files) {
  showProblem(null);
  for (const file of files) {
    const card = makeCard(file);
    get("results").prepend(card.element);
    waiting.push(card);
    all += 1;
  }
  report();
  work();
}

// One picture at a time: a second request would only wait in the service.
async function work() {
  if (working) return;
  working = true;
  while (waiting.length) {
    const card = waiting.shift();
    await answer(card);
    done += 1;
    report();
  }
  working = false;
}

async function answer(card) {
  card.element.setAttribute("aria-busy", "true");
  try {
    await known();
    await check(card.file);
    const found = await predict(card.file, card.file.name, card.abort.signal);
    showAnswer(card, found);
  } catch (error) {
    if (!card.abort.signal.aborted) failed(card, sentence(error));
  }
  card.element.removeAttribute("aria-busy");
}

async function check(file) {
  if (file.size > health.limits.max_bytes) {
    throw new Problem(`The file is ${megabytes(file.size)}; `
      + `${megabytes(health.limits.max_bytes)} are allowed. Make it smaller.`);
  }
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Problem("This cannot be read: it is a folder, or it was moved or deleted.");
  }
}

function makeCard(file) {
  const element = get("card").content.firstElementChild.cloneNode(true);
  const card = { element, file, abort: new AbortController(), url: URL.createObjectURL(file) };
  element.querySelector(".name").textContent = file.name;
  element.querySelector(".summary").textContent = "Waiting …";
  const remove = element.querySelector(".remove");
  remove.setAttribute("aria-label", `Remove ${file.name}`);
  remove.addEventListener("click", () => {
    const next = element.nextElementSibling?.querySelector(".remove") ?? get("choose");
    drop(card);
    next.focus();
    report();
  });
  const image = element.querySelector("img");
  image.alt = file.name;
  image.addEventListener("error", () => element.classList.add("unseen"));
  image.src = card.url;
  cards.add(card);
  return card;
}

const cards = new Set();

function drop(card) {
  const place = waiting.indexOf(card);
  if (place >= 0) {
    waiting.splice(place, 1);
    all -= 1;
  }
  card.abort.abort();
  URL.revokeObjectURL(card.url);
  card.element.remove();
  cards.delete(card);
}

function clear() {
  for (const card of [...cards]) drop(card);
  report();
  get("choose").focus();
}

function showAnswer(card, found) {
  const { element } = card;
  const stage = element.querySelector(".stage");
  if (element.classList.contains("unseen")) {
    // The answer has boxes all the same: they need ground of the right shape.
    const ratio = found.width / found.height;
    stage.style.aspectRatio = ratio;
    stage.style.width = `min(100%, max(240px, ${found.width}px), calc(70vh * ${ratio}))`;
    stage.dataset.note = "This browser cannot show this kind of picture.";
  }
  const notes = [countFaces(found.faces.length), `${found.width} × ${found.height}`];
  if (found.animated) notes.push("first picture of several");
  element.querySelector(".summary").textContent = notes.join(" · ");
  element.querySelector("img").alt = `${card.file.name}: ${countFaces(found.faces.length)}`;
  const list = element.querySelector(".faces");
  new FaceView(stage, list, health.labels).show(found.faces, found.width, found.height);
  element.classList.add("answered");
  // A long list scrolls by itself and must be reachable without a mouse; its buttons are.
  list.hidden = !found.faces.length;
}

function failed(card, text) {
  card.element.classList.add("failed");
  card.element.querySelector(".summary").textContent = "No answer";
  const problem = card.element.querySelector(".problem");
  problem.textContent = text;
  problem.hidden = false;
}

function report() {
  const some = cards.size > 0;
  get("results-title").hidden = !some;
  get("clear").hidden = !some;
  if (done >= all) {
    get("status").textContent = !some ? "" : all === 1 ? "1 picture answered" : `${all} pictures done`;
    if (!some) done = all = 0;
    return;
  }
  get("status").textContent = `Picture ${done + 1} of ${all} …`;
}

function wireCamera() {
  const button = get("camera");
  let view = null;
  const camera = new Camera(get("video"), {
    onAnswer(found, perSecond) {
      view.show(found.faces, found.width, found.height);
      const rate = perSecond ? ` · ${perSecond.toFixed(perSecond < 9.5 ? 1 : 0)} answers a second` : "";
      get("live-status").textContent = countFaces(found.faces.length) + rate;
    },
    onEnd(text) {
      view?.clear();
      const inside = get("live").contains(document.activeElement);
      get("live").hidden = true;
      button.setAttribute("aria-pressed", "false");
      button.textContent = "Use the webcam";
      if (inside) button.focus();
      if (text) showProblem(text);
    },
  });
  const begin = async () => {
    showProblem(null);
    try {
      await known();
    } catch (error) {
      showProblem(sentence(error));
      return;
    }
    const refused = cameraProblem();
    if (refused) {
      showProblem(refused);
      return;
    }
    view = new FaceView(get("live-stage"), get("live-faces"), health.labels, true);
    get("live-status").textContent = "Waiting for the webcam …";
    get("live").hidden = false;
    button.setAttribute("aria-pressed", "true");
    button.textContent = "Stop the webcam";
    camera.start();
  };
  button.addEventListener("click", () => (camera.running ? camera.stop() : begin()));
  get("live-stop").addEventListener("click", () => camera.stop());
  window.addEventListener("pagehide", () => camera.stop());
}

function showProblem(text) {
  get("problem").hidden = text === null;
  get("problem-text").textContent = text ?? "";
}

function sentence(error) {
  if (error instanceof Problem) return error.message;
  console.error(error);
  return "Unexpected error on this page. Please report it.";
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 9.5e6 ? 1 : 0)} MB`;
}

start();
