"use strict";
// The image: window and level, zoom and pan, and the activation map laid over it.

const PLAIN = { level: 127.5, width: 255 }; // shows the grey levels as they are
const LARGEST = 16; // times the size that fits
const READABLE = { willReadFrequently: true }; // kept in memory, not on the graphics card
const CUBIC = -0.75; // OpenCV's INTER_CUBIC, with which the PDF draws the map
const MAP_STEPS = 1000; // of a map's numbers, to the full colour
const TWO_DECIMALS = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
const OPAQUE = 0xff000000; // of a pixel as one number: opacity, blue, green, red

const radiograph = {
  ...PLAIN,
  inverted: false,
  overlay: false,
  panning: false,
  zoom: 1, // times the size that fits
  x: 0, // of the image's middle from the stage's, in pixels
  y: 0,
  /** @type {Uint8Array | undefined} grey levels; undefined while there is no image */
  grey: undefined,
  /** @type {number[][] | undefined} thousandths of the full colour; empty where nothing raised the probability; undefined: no map */
  map: undefined,
  flagged: false, // whether its study is: no other has a map
  stable: true, // whether its mirror image gave the same map
  described: "", // the image with its map, in words
  mapDrawn: false,
  coming: false, // whether it is being decoded; what is set meanwhile holds for it
  wanted: 0, // counts the images asked for: a slow one must not replace a later one
  due: false, // whether it will be drawn before the next frame
};

const ramp = new Uint32Array(Uint8Array.from(atob(page.ramp), (letter) => letter.charCodeAt(0)).buffer);

/**
 * Show a study's image, its thumbnail where that is all there is, and say why. Nothing of the image before stays.
 * @param {Study} study
 * @param {string} reason why the page may hold no image of it
 */
async function showRadiograph(study, reason) {
  const found = imageOf(study);
  const wanted = ++radiograph.wanted;
  const untouched = { ...PLAIN, inverted: false, overlay: false, zoom: 1, x: 0, y: 0, mapDrawn: false };
  Object.assign(radiograph, untouched, { grey: undefined, map: found?.map, described: found?.described ?? "", stable: found?.stable ?? true, flagged: study.status === "flagged" });
  const source = found?.image ? jpeg(found.image) : thumbnailOf(study);
  byId("opacity").value = "100";
  byId("image-controls").disabled = !source;
  byId("no-image").textContent = found?.image ? "" : say(source ? "small_picture" : "no_image", { reason });
  byId("stack").hidden = byId("readout").hidden = true;
  radiograph.coming = Boolean(source);
  if (!source) return;
  try {
    const grey = await decoded(source);
    if (wanted === radiograph.wanted) putRadiograph(grey);
  } catch {
    if (wanted === radiograph.wanted) {
      radiograph.coming = false;
      byId("no-image").textContent = say("no_image", { reason: say("no_image_damaged") });
    }
  }
}

/** @param {string} source @returns {Promise<ImageData>} */
async function decoded(source) {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = /** @type {HTMLCanvasElement} */ (document.createElement("canvas"));
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  const context = canvas.getContext("2d", READABLE);
  context.drawImage(picture, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** @param {ImageData} image */
function putRadiograph(image) {
  const canvas = /** @type {HTMLCanvasElement} */ (byId("radiograph"));
  [canvas.width, canvas.height] = [image.width, image.height];
  radiograph.grey = new Uint8Array(image.width * image.height);
  for (let pixel = 0; pixel < radiograph.grey.length; pixel++) radiograph.grey[pixel] = image.data[4 * pixel];
  byId("stack").hidden = byId("readout").hidden = false;
  drawRadiograph();
}

/** Draw image and overlay as they are set now. */
function drawRadiograph() {
  radiograph.due = false;
  if (!radiograph.grey) return;
  drawWindow(radiograph.grey);
  placeRadiograph();
  tellRadiograph();
  drawOverlay();
}

/** @param {Uint8Array} grey */
function drawWindow(grey) {
  const context = byId("radiograph").getContext("2d", READABLE);
  const table = new Uint8ClampedArray(256);
  for (let value = 0; value < 256; value++) {
    const shown = (255 * (value - radiograph.level)) / radiograph.width + 127.5;
    table[value] = radiograph.inverted ? 255 - shown : shown;
  }
  const colours = Uint32Array.from(table, (shown) => OPAQUE | (shown * 0x010101));
  const image = context.createImageData(byId("radiograph").width, byId("radiograph").height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let pixel = 0; pixel < grey.length; pixel++) pixels[pixel] = colours[grey[pixel]];
  context.putImageData(image, 0, 0);
}

function drawOverlay() {
  const canvas = /** @type {HTMLCanvasElement} */ (byId("overlay"));
  const { width, height } = byId("radiograph");
  byId("legend").hidden = !radiograph.overlay || !radiograph.map?.length;
  canvas.hidden = !radiograph.overlay || !radiograph.map?.length;
  canvas.style.opacity = String(Number(byId("opacity").value) / 100);
  if (canvas.hidden || radiograph.mapDrawn) return;
  [canvas.width, canvas.height] = [width, height];
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const share = upsampled(radiograph.map, width, height);
  for (let pixel = 0; pixel < share.length; pixel++) pixels[pixel] = ramp[Math.round(255 * Math.max(0, Math.min(1, share[pixel])))];
  canvas.getContext("2d", READABLE).putImageData(image, 0, 0);
  radiograph.mapDrawn = true;
}

/**
 * Return a map at the image's size, row by row, as a share of the full colour: the same on every image.
 * @param {number[][]} map
 */
function upsampled(map, width, height) {
  const [across, down] = [taps(map[0].length, width), taps(map.length, height)];
  const wide = map.map((cells) => across.map((tap) => tap.reduce((sum, [cell, weight]) => sum + weight * cells[cell], 0)));
  const share = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let value = 0;
      for (const [cell, weight] of down[y]) value += weight * wide[cell][x];
      share[y * width + x] = value / MAP_STEPS;
    }
  }
  return share;
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

/** Put the image where zoom and pan say. */
function placeRadiograph() {
  const [stage, canvas] = [byId("stage"), byId("radiograph")];
  const scale = radiograph.zoom * Math.min(stage.clientWidth / canvas.width, stage.clientHeight / canvas.height);
  const left = stage.clientWidth / 2 + radiograph.x - (scale * canvas.width) / 2;
  const top = stage.clientHeight / 2 + radiograph.y - (scale * canvas.height) / 2;
  byId("stack").style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
}

/** Let the controls say what is set. */
function tellRadiograph() {
  byId("level").value = String(radiograph.level);
  byId("width").value = String(radiograph.width);
  byId("invert").setAttribute("aria-pressed", String(radiograph.inverted));
  byId("toggle-overlay").setAttribute("aria-pressed", String(radiograph.overlay));
  byId("drag-pan").setAttribute("aria-pressed", String(radiograph.panning));
  byId("drag-window").setAttribute("aria-pressed", String(!radiograph.panning));
  byId("stage").classList.toggle("panning", radiograph.panning);
  const set = { level: Math.round(radiograph.level), width: Math.round(radiograph.width), zoom: Math.round(100 * radiograph.zoom) };
  byId("toggle-overlay").disabled = byId("opacity").disabled = !radiograph.map?.length;
  byId("stack").setAttribute("aria-label", pictureInWords());
  byId("readout").textContent = say("readout", set) + (radiograph.overlay || !radiograph.map?.length ? ` · ${mapInWords()}` : "");
}

/** What the picture is, in the words of the PDF; with the overlay, where the map is strongest. */
function pictureInWords() {
  const study = viewer.study;
  if (!study) return "";
  if (study.rank === null) return filled(page.pictures.refused, { file: study.file });
  return (radiograph.overlay && radiograph.described) || filled(page.pictures.radiograph, { rank: study.rank });
}

/** Say what the overlay shows, or why there is none. */
function mapInWords() {
  if (viewer.study?.rank === null) return say("overlay_not_screened");
  if (!radiograph.flagged) return say("overlay_not_flagged");
  if (!radiograph.map) return say("overlay_gone");
  if (radiograph.map.length === 0) return say("overlay_none");
  const strongest = page.full_odds ** (Math.max(...radiograph.map.flat()) / MAP_STEPS);
  return say("overlay_strongest", { strongest: strongest.toLocaleString(page.language, TWO_DECIMALS) }) + (radiograph.stable ? "" : ` · ${say("overlay_unstable")}`);
}

/** Set something of the image, within its bounds; it is drawn before the next frame. */
function setRadiograph(change) {
  if (!radiograph.grey && !radiograph.coming) return;
  Object.assign(radiograph, change);
  radiograph.level = Math.max(0, Math.min(255, radiograph.level));
  radiograph.width = Math.max(1, Math.min(510, radiograph.width));
  radiograph.zoom = Math.max(1, Math.min(LARGEST, radiograph.zoom));
  if (radiograph.zoom === 1) radiograph.x = radiograph.y = 0;
  if (!radiograph.due) requestAnimationFrame(drawRadiograph);
  radiograph.due = true;
}

/** Zoom about a point of the window, the stage's middle if none is given. */
function zoomBy(factor, x, y) {
  const stage = byId("stage").getBoundingClientRect();
  const zoom = Math.max(1, Math.min(LARGEST, radiograph.zoom * factor));
  const dx = (x ?? stage.left + stage.width / 2) - stage.left - stage.width / 2;
  const dy = (y ?? stage.top + stage.height / 2) - stage.top - stage.height / 2;
  const grown = zoom / radiograph.zoom;
  setRadiograph({ zoom, x: dx - grown * (dx - radiograph.x), y: dy - grown * (dy - radiograph.y) });
}

const resetRadiograph = () => setRadiograph({ ...PLAIN, inverted: false, zoom: 1 });

/** Listen to mouse, pen and fingers on the image. */
function listenToRadiograph() {
  const stage = byId("stage");
  /** @type {Map<number, PointerEvent>} */
  const down = new Map();
  let pinched = false; // a finger that stays after a pinch must not window
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    down.set(event.pointerId, event);
    pinched = down.size > 1;
  });
  stage.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const other = [...down.values()].find((each) => each.pointerId !== event.pointerId);
    if (other) pinch(before, event, other);
    else if (!pinched) drag(before, event);
    down.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => down.delete(event.pointerId));
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomBy(1.0015 ** -event.deltaY, event.clientX, event.clientY);
  }, { passive: false });
  stage.addEventListener("dblclick", resetRadiograph);
  stage.addEventListener("contextmenu", (event) => event.preventDefault());
  new ResizeObserver(() => radiograph.grey && placeRadiograph()).observe(stage);
}

/** One pointer windows or moves the image. */
function drag(before, now) {
  const [dx, dy] = [now.clientX - before.clientX, now.clientY - before.clientY];
  if (radiograph.panning || now.buttons === 2 || now.buttons === 4) setRadiograph({ x: radiograph.x + dx, y: radiograph.y + dy });
  else setRadiograph({ width: radiograph.width + dx, level: radiograph.level - dy / 2 });
}

/** Two fingers hold the image where they touch it. */
function pinch(before, now, other) {
  const apart = (event) => Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY);
  const [dx, dy] = [(now.clientX - before.clientX) / 2, (now.clientY - before.clientY) / 2];
  setRadiograph({ x: radiograph.x + dx, y: radiograph.y + dy });
  zoomBy(apart(now) / Math.max(1, apart(before)), (now.clientX + other.clientX) / 2, (now.clientY + other.clientY) / 2);
}
