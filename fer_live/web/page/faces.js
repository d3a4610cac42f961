// Draws what the service found: a box over the picture and a list of probabilities per face.

// With so many faces a tag holds the number alone, or tags would overlap; on a phone from fewer.
const PLAIN_TAGS_FROM = 9;
const PLAIN_PHONE_TAGS_FROM = 2;
const UNKNOWN_COLOUR = "#888888";

/**
 * Boxes over a stage and the list beside it; elements are reused, so bars glide between answers.
 */
export class FaceView {
  /**
   * @param {HTMLElement} stage holds the picture; boxes are placed in shares of its size
   * @param {HTMLOListElement} list
   * @param {Record<string, string>} colours by label, in the model's order
   * @param {boolean} mirrored the picture is shown as in a mirror
   */
  constructor(stage, list, colours, mirrored = false) {
    this.list = list;
    this.colours = colours;
    this.mirrored = mirrored;
    this.boxes = stage.querySelector(".boxes") ?? stage.appendChild(make("div", "boxes"));
    this.boxes.setAttribute("aria-hidden", "true");
  }

  /** Shows the faces of a picture of this size, pixels. */
  show(faces, width, height) {
    fit(this.boxes, faces.length, () =>
      make("div", "box", make("span", "tag", make("span"), make("span", "words"))));
    this.boxes.classList.toggle("plain", faces.length >= PLAIN_TAGS_FROM);
    this.boxes.classList.toggle("plain-phone", faces.length >= PLAIN_PHONE_TAGS_FROM);
    fit(this.list, faces.length, () => this.row());
    faces.forEach((face, place) => {
      const colour = this.colours[face.label] ?? UNKNOWN_COLOUR;
      this.placeBox(this.boxes.children[place], face, place, colour, width, height);
      this.fill(this.list.children[place], face, place, colour);
    });
  }

  /** Removes everything. */
  clear() {
    this.show([], 1, 1);
  }

  placeBox(box, face, place, colour, width, height) {
    const [left, top, boxWidth, boxHeight] = face.box_xywh;
    const x = this.mirrored ? width - left - boxWidth : left;
    box.style.left = share(x, width);
    box.style.top = share(top, height);
    box.style.width = share(boxWidth, width);
    box.style.height = share(boxHeight, height);
    box.style.setProperty("--colour", colour);
    box.classList.toggle("low", top < height * 0.1);
    box.classList.toggle("far", x > width * 0.6);
    const [number, words] = box.firstChild.children;
    number.textContent = place + 1;
    words.textContent = `${face.label} ${percent(face.confidence)}`;
  }

  fill(row, face, place, colour) {
    row.style.setProperty("--colour", colour);
    row.querySelector(".number").textContent = place + 1;
    row.querySelector(".label").textContent = face.label;
    row.querySelector(".confidence").textContent = percent(face.confidence);
    const bars = row.querySelector(".bars");
    const entries = Object.entries(face.probabilities ?? {});
    fit(bars, entries.length, () =>
      make("li", "", make("span", "class"), make("span", "track", make("span", "bar")),
        make("span", "value")));
    entries.forEach(([label, probability], at) => {
      const [name, track, value] = bars.children[at].children;
      name.textContent = label;
      value.textContent = percent(probability);
      track.firstChild.style.width = share(probability, 1);
      track.firstChild.style.setProperty("--colour", this.colours[label] ?? UNKNOWN_COLOUR);
      bars.children[at].classList.toggle("top", label === face.label);
    });
  }

  row() {
    const head = make("button", "face-head", make("span", "number"), make("span", "label"),
      make("span", "confidence"));
    head.type = "button";
    head.title = "Show this face on the picture";
    const row = make("li", "face", head, make("ul", "bars"));
    const mark = (on) => {
      const place = [...this.list.children].indexOf(row);
      this.boxes.children[place]?.classList.toggle("marked", on);
    };
    for (const kind of ["mouseenter", "focusin"]) row.addEventListener(kind, () => mark(true));
    for (const kind of ["mouseleave", "focusout"]) row.addEventListener(kind, () => mark(false));
    return row;
  }
}

/** “No face”, “1 face”, “12 faces”. */
export function countFaces(count) {
  return count === 0 ? "No face found" : count === 1 ? "1 face" : `${count} faces`;
}

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function fit(parent, count, create) {
  while (parent.children.length > count) parent.lastChild.remove();
  while (parent.children.length < count) parent.append(create());
}

function share(part, whole) {
  return `${(100 * part) / whole}%`;
}

function percent(value) {
  return `${Math.round(value * 100)} %`;
}
