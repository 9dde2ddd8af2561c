// What goes to the server and comes from it: JSON for changes, packed lines for signals.

import {_} from "./words.js";

const KINDS = ["minmax", "samples", "level", "rest", "on", "off"];

async function answerOf(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    const lost = new Error(
      _("psgkit has stopped. Everything up to here is on the disk: start the same command again and open the address it prints."));
    lost.lost = true;
    throw lost;
  }
  if (response.ok) return response;
  const given = await response.json().catch(() => ({error: _("The server answered {status}.", {status: response.status})}));
  const error = new Error(given.error);
  error.stale = given.stale === true;
  throw error;
}

export async function readState() {
  return (await answerOf("api/state")).json();
}

// one change after the other, in the order of the keys
let before = Promise.resolve();
export function post(name, content) {
  const body = () => JSON.stringify(typeof content === "function" ? content() : content ?? {});
  const sent = before.then(async () => {
    const options = {method: "POST", headers: {"content-type": "application/json"}, body: body()};
    return (await answerOf(`api/${name}`, options)).json();
  });
  before = sent.catch(() => {});
  return sent;
}

// resolves when all changes so far are answered
export const settled = () => before;

function unpacked(buffer) {
  const head = new DataView(buffer);
  const lines = [];
  let at = 8;
  for (let n = head.getUint32(4, true); n > 0; n--) {
    const count = head.getUint32(at + 8, true);
    lines.push({
      channel: head.getUint32(at, true),
      kind: KINDS[head.getUint32(at + 4, true)],
      partial: (head.getUint32(at + 12, true) & 1) === 1,
      unfiltered: (head.getUint32(at + 12, true) & 2) === 2,
      first: head.getFloat64(at + 16, true),
      step: head.getFloat64(at + 24, true),
      values: new Float32Array(buffer, at + 32, count),
    });
    at += 32 + 8 * Math.ceil(count / 2);
  }
  return lines;
}

async function linesOf(path, channels, from, to, width) {
  const asked = new URLSearchParams({channel: channels.join(","), from, to, width});
  return unpacked(await (await answerOf(`api/${path}?${asked}`)).arrayBuffer());
}

const MOST_TILES = 40;
const AT_ONCE_N = 150000;  // samples that are read and filtered for one answer
const POLL_MS = 150, SLOWEST_POLL_MS = 1000;
const later = ms => new Promise(done => setTimeout(done, ms));

// Stretches of the night as long as the window, with all channels shown, near where one looks.
export class Tiles {
  constructor(onLoad, onError, rateOf) {
    this.rateOf = rateOf;
    this.onLoad = onLoad;
    this.onError = onError;
    this.tiles = new Map();
  }

  clear() {
    this.tiles.clear();
  }

  // the tiles of a window, asked for where they are not there yet; then its neighbours
  wanted({from, length, width, channels, traced, duration}) {
    const first = Math.floor(from / length + 1e-9);
    const last = Math.floor((from + length) / length - 1e-9);
    const found = [];
    for (let k = first; k <= last; k++) found.push(this.tile(k, length, width, channels, traced));
    if (found.every(tile => tile.done)) {
      for (const k of [last + 1, first - 1]) {
        if (k >= 0 && k * length < duration) this.tile(k, length, width, channels, traced);
      }
    }
    return found;
  }

  tile(k, length, width, channels, traced) {
    const key = `${k} ${length} ${width}`;
    const kept = this.tiles.get(key);
    const tile = kept ?? {from: k * length, to: (k + 1) * length, lines: new Map(), envelope: new Map(), done: false};
    this.tiles.delete(key);  // the latest used one is the last
    this.tiles.set(key, tile);
    if (!kept) this.load(tile, width, channels, traced, () => this.tiles.get(key) === tile);
    if (this.tiles.size > MOST_TILES) this.tiles.delete(this.tiles.keys().next().value);
    return tile;
  }

  async load(tile, width, channels, traced, isWanted) {
    // a few channels at a time, so that none waits long for its answer
    const samples = (tile.to - tile.from + 20) * Math.max(...channels.map(one => this.rateOf(one)), 1);
    const size = Math.max(1, Math.min(6, Math.floor(AT_ONCE_N / samples) || 6));
    const asked = [];
    const keep = (lines, where) => {
      for (const line of lines) where(line);
      this.onLoad();
    };
    // what is not read or filtered yet comes with a later answer
    const all = async wanted => {
      let left = wanted, wait = POLL_MS;
      while (left.length && isWanted()) {
        const lines = await linesOf("signal", left, tile.from, tile.to, width);
        keep(lines, line => tile.lines.set(line.channel, line));
        left = lines.filter(line => line.partial).map(line => line.channel);
        if (left.length) await later(wait);
        wait = Math.min(SLOWEST_POLL_MS, 1.3 * wait);
      }
    };
    for (let n = 0; n < channels.length; n += size) asked.push(all(channels.slice(n, n + size)));
    if (traced.length) {
      asked.push(linesOf("envelope", traced, tile.from, tile.to, width).then(lines => keep(lines, line => {
        if (!tile.envelope.has(line.channel)) tile.envelope.set(line.channel, {});
        tile.envelope.get(line.channel)[line.kind] = line;
      })));
    }
    try {
      await Promise.all(asked);
      tile.done = true;
      this.onLoad();
    } catch (error) {
      this.onError(error);
    }
  }
}
