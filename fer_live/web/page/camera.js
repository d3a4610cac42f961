// The webcam: one picture is under way at a time, and it is always the newest.

import { Problem, pause, predict } from "./service.js";

const LONGEST_SIDE_PX = 960; // A face that can be read at all still can at this size.
const JPEG_QUALITY = 0.9;
const RATE_OVER = 8; // Number of results over which the shown rate is averaged.

const REASONS = {
  NotAllowedError: "The webcam may not be used. Allow it in the browser's address bar, then try again.",
  NotFoundError: "The browser finds no webcam. Plug one in, then try again.",
  NotReadableError: "The webcam cannot be opened. Close other programs that use it, then try again.",
};

/** Why the webcam cannot be used on this page, or null. */
export function cameraProblem() {
  if (!window.isSecureContext) {
    return "The browser gives the webcam only to pages on localhost or over https. "
      + "Open this page on the computer that serves it, as http://localhost, or through https.";
  }
  return navigator.mediaDevices?.getUserMedia ? null : "This browser has no webcam support.";
}

/** Shows the webcam in a video element and asks the service about it until it is stopped. */
export class Camera {
  /**
   * @param {HTMLVideoElement} video
   * @param {object} listener onAnswer(answer, perSecond), onEnd(sentence or null)
   */
  constructor(video, { onAnswer, onEnd }) {
    this.video = video;
    this.canvas = document.createElement("canvas");
    this.onAnswer = onAnswer;
    this.onEnd = onEnd;
    this.run = null;
  }

  /** True from `start` to `stop`. */
  get running() {
    return this.run !== null;
  }

  /** Opens the webcam; failures end in `onEnd`. */
  async start() {
    if (this.running) return;
    const run = { abort: new AbortController(), stream: null };
    this.run = run;
    try {
      const refused = cameraProblem();
      if (refused) throw new Problem(refused);
      run.stream = await open();
      if (this.run !== run) return; // Stopped while the browser was asking.
      run.stream.getVideoTracks()[0].addEventListener("ended", () =>
        this.end(run, "The webcam was unplugged, or its permission was withdrawn."));
      this.video.srcObject = run.stream;
      await this.video.play();
      await this.ask(run);
    } catch (error) {
      this.end(run, error instanceof Problem ? error.message : "The webcam stopped unexpectedly.");
    } finally {
      if (this.run !== run) release(run);
    }
  }

  /** Ends the webcam and gives up on the answer under way. */
  stop() {
    if (this.run) this.end(this.run, null);
  }

  end(run, sentence) {
    if (this.run !== run) return;
    this.run = null;
    run.abort.abort();
    release(run);
    this.video.srcObject = null;
    this.onEnd(sentence);
  }

  async ask(run) {
    const times = [];
    while (this.run === run) {
      await visible(run.abort.signal);
      const picture = await this.picture();
      if (picture) {
        const answer = await predict(picture, "webcam.jpg", run.abort.signal);
        times.push(performance.now());
        if (times.length > RATE_OVER) times.shift();
        const seconds = (times.at(-1) - times[0]) / 1000;
        if (this.run === run) this.onAnswer(answer, seconds ? (times.length - 1) / seconds : null);
      }
      await nextFrame(this.video, run.abort.signal);
    }
  }

  picture() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width) return null;
    const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(width, height));
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    const { width: w, height: h } = this.canvas;
    this.canvas.getContext("2d").drawImage(this.video, 0, 0, w, h);
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
  }
}

async function open() {
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } },
      audio: false,
    });
  } catch (error) {
    throw new Problem(REASONS[error.name] ?? `The webcam cannot be used: ${error.message}`);
  }
}

function release(run) {
  for (const track of run.stream?.getTracks() ?? []) track.stop();
}

// A page in the background asks nothing.
function visible(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) =>
    document.addEventListener("visibilitychange", resolve, { once: true, signal }));
}

function nextFrame(video, signal) {
  if (!video.requestVideoFrameCallback) return pause(30, signal);
  // A camera that stands still must not stop the loop from seeing that it was stopped.
  return Promise.race([new Promise((done) => video.requestVideoFrameCallback(done)),
    pause(500, signal)]);
}
