"use strict";
// The film: window and level, zoom and pan, and the activation map laid over it.

const PLAIN = { level: 127.5, width: 255 }; // shows the grey levels as they are
const LARGEST = 16; // times the size that fits
const READABLE = { willReadFrequently: true }; // kept in memory, not on the graphics card
const CUBIC = -0.75; // OpenCV's INTER_CUBIC, with which the PDF draws the map

const film = {
  ...PLAIN,
  inverted: false,
  overlay: false,
  panning: false,
  zoom: 1, // times the size that fits
  x: 0, // of the film's middle from the stage's, in pixels
  y: 0,
  /** @type {Uint8ClampedArray | undefined} grey levels */
  grey: undefined,
  /** @type {number[][]} */
  map: [],
  mapDrawn: false,
  wanted: 0, // counts the films asked for: a slow one must not replace a later one
};

const ramp = Uint8Array.from(atob(page.ramp), (letter) => letter.charCodeAt(0));

/**
 * Show a study's film, its thumbnail where that is all there is, and say why.
 * @param {Study} study
 * @param {string} reason why the page may hold no film of it
 */
async function showFilm(study, reason) {
  const found = filmOf(study);
  const wanted = ++film.wanted;
  Object.assign(film, PLAIN, { inverted: false, zoom: 1, x: 0, y: 0, grey: undefined, map: found?.map ?? [], mapDrawn: false });
  const source = found?.film ? jpeg(found.film) : thumbnailOf(study);
  byId("film-controls").disabled = !source;
  byId("no-film").textContent = found?.film ? "" : say("no_film", { reason });
  byId("stack").hidden = !source;
  byId("readout").hidden = !source;
  if (!source) return;
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  if (wanted !== film.wanted) return;
  const canvas = /** @type {HTMLCanvasElement} */ (byId("film"));
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  const context = canvas.getContext("2d", READABLE);
  context.drawImage(picture, 0, 0);
  const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
  film.grey = Uint8ClampedArray.from({ length: data.length / 4 }, (_, pixel) => data[4 * pixel]);
  drawFilm();
}

/** Draw film and overlay as they are set now. */
function drawFilm() {
  if (!film.grey) return;
  drawWindow(film.grey);
  drawOverlay();
  place();
  tellFilm();
}

/** @param {Uint8ClampedArray} grey */
function drawWindow(grey) {
  const canvas = /** @type {HTMLCanvasElement} */ (byId("film"));
  const context = canvas.getContext("2d");
  const table = new Uint8ClampedArray(256);
  for (let value = 0; value < 256; value++) {
    const shown = (255 * (value - film.level)) / film.width + 127.5;
    table[value] = film.inverted ? 255 - shown : shown;
  }
  const image = context.createImageData(canvas.width, canvas.height);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const value = table[grey[pixel]];
    image.data.set([value, value, value, 255], 4 * pixel);
  }
  context.putImageData(image, 0, 0);
}

function drawOverlay() {
  const canvas = /** @type {HTMLCanvasElement} */ (byId("overlay"));
  const { width, height } = byId("film");
  canvas.hidden = !film.overlay || film.map.length === 0;
  canvas.style.opacity = String(Number(byId("opacity").value) / 100);
  if (canvas.hidden || film.mapDrawn) return;
  [canvas.width, canvas.height] = [width, height];
  const image = new ImageData(width, height);
  const share = upsampled(film.map, width, height);
  for (let pixel = 0; pixel < share.length; pixel++) {
    const step = Math.round(255 * Math.max(0, share[pixel]));
    image.data.set(ramp.subarray(4 * step, 4 * step + 4), 4 * pixel);
  }
  outline(image, share);
  canvas.getContext("2d", READABLE).putImageData(image, 0, 0);
  film.mapDrawn = true;
}

/**
 * Return a map at the film's size, row by row, as a share of its maximum there.
 * @param {number[][]} map
 */
function upsampled(map, width, height) {
  const [across, down] = [taps(map[0].length, width), taps(map.length, height)];
  const wide = map.map((cells) => across.map((tap) => tap.reduce((sum, [cell, weight]) => sum + weight * cells[cell], 0)));
  const share = new Float32Array(width * height);
  let most = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let value = 0;
      for (const [cell, weight] of down[y]) value += weight * wide[cell][x];
      share[y * width + x] = value;
      if (value > most) most = value;
    }
  }
  return share.map((value) => value / most);
}

/** Return for each of `size` pixels the four cells around it with their weights: cubic convolution (Keys 1981). */
function taps(cells, size) {
  return Array.from({ length: size }, (_, pixel) => {
    const middle = ((pixel + 0.5) * cells) / size - 0.5;
    const first = Math.floor(middle) - 1;
    return [0, 1, 2, 3].map((step) => {
      const far = Math.abs(middle - first - step);
      const weight = far <= 1
        ? ((CUBIC + 2) * far - (CUBIC + 3)) * far * far + 1
        : ((CUBIC * far - 5 * CUBIC) * far + 8 * CUBIC) * far - 4 * CUBIC;
      return [Math.max(0, Math.min(cells - 1, first + step)), weight];
    });
  });
}

/** Draw where the map reaches half of its maximum: white on black, so that it shows on lung and on bone. */
function outline(image, share) {
  const { width, height } = image;
  const edge = [];
  for (let y = 1; y < height; y++) {
    for (let x = 1; x < width; x++) {
      const pixel = y * width + x;
      const inside = share[pixel] >= page.contour;
      if (inside !== share[pixel - 1] >= page.contour || inside !== share[pixel - width] >= page.contour) edge.push(pixel);
    }
  }
  for (const pixel of edge) for (const near of [-1, 1, -width, width]) image.data.set([0, 0, 0, 255], 4 * (pixel + near));
  for (const pixel of edge) image.data.set([255, 255, 255, 255], 4 * pixel);
}

/** Put the film where zoom and pan say. */
function place() {
  const [stage, canvas] = [byId("stage"), byId("film")];
  const scale = film.zoom * Math.min(stage.clientWidth / canvas.width, stage.clientHeight / canvas.height);
  const left = stage.clientWidth / 2 + film.x - (scale * canvas.width) / 2;
  const top = stage.clientHeight / 2 + film.y - (scale * canvas.height) / 2;
  byId("stack").style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
}

/** Let the controls say what is set. */
function tellFilm() {
  byId("level").value = String(film.level);
  byId("width").value = String(film.width);
  byId("invert").setAttribute("aria-pressed", String(film.inverted));
  byId("toggle-overlay").setAttribute("aria-pressed", String(film.overlay));
  byId("drag-pan").setAttribute("aria-pressed", String(film.panning));
  byId("drag-window").setAttribute("aria-pressed", String(!film.panning));
  byId("stage").classList.toggle("panning", film.panning);
  const set = { level: Math.round(film.level), width: Math.round(film.width), zoom: Math.round(100 * film.zoom) };
  const nothing = film.overlay && film.map.length === 0 ? ` · ${say("overlay_none")}` : "";
  byId("readout").textContent = say("readout", set) + nothing;
}

/** Set something of the film, within its bounds, and draw it. */
function setFilm(change) {
  Object.assign(film, change);
  film.level = Math.max(0, Math.min(255, film.level));
  film.width = Math.max(1, Math.min(510, film.width));
  film.zoom = Math.max(1, Math.min(LARGEST, film.zoom));
  if (film.zoom === 1) film.x = film.y = 0;
  drawFilm();
}

/** Zoom about a point of the stage, its middle if none is given. */
function zoomBy(factor, x = byId("stage").clientWidth / 2, y = byId("stage").clientHeight / 2) {
  const zoom = Math.max(1, Math.min(LARGEST, film.zoom * factor));
  const [dx, dy] = [x - byId("stage").clientWidth / 2, y - byId("stage").clientHeight / 2];
  const grown = zoom / film.zoom;
  Object.assign(film, { zoom, x: dx - grown * (dx - film.x), y: dy - grown * (dy - film.y) });
  if (zoom === 1) film.x = film.y = 0;
  place();
  tellFilm();
}

const resetFilm = () => setFilm({ ...PLAIN, inverted: false, zoom: 1 });

/** Listen to mouse, pen and fingers on the film. */
function listenToFilm() {
  const stage = byId("stage");
  /** @type {Map<number, PointerEvent>} */
  const down = new Map();
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    down.set(event.pointerId, event);
  });
  stage.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    drag(before, event, [...down.values()].find((other) => other.pointerId !== event.pointerId));
    down.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => down.delete(event.pointerId));
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomBy(1.0015 ** -event.deltaY, event.offsetX, event.offsetY);
  }, { passive: false });
  stage.addEventListener("dblclick", resetFilm);
  stage.addEventListener("contextmenu", (event) => event.preventDefault());
  new ResizeObserver(() => film.grey && place()).observe(stage);
}

/** One pointer windows or moves the film, two change its size. */
function drag(before, now, other) {
  const [dx, dy] = [now.clientX - before.clientX, now.clientY - before.clientY];
  if (other) {
    const apart = (event) => Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY);
    zoomBy(apart(now) / Math.max(1, apart(before)));
  } else if (film.panning || now.buttons === 2 || now.buttons === 4) {
    if (film.zoom > 1) Object.assign(film, { x: film.x + dx, y: film.y + dy });
    place();
  } else {
    setFilm({ width: film.width + dx, level: film.level - dy / 2 });
  }
}
