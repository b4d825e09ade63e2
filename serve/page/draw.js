// Pictures of samples on a canvas: points, a histogram, and images.

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// prepare makes the canvas as fine as the screen and clears it.
function prepare(canvas) {
  const box = canvas.getBoundingClientRect(), fine = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(box.width * fine));
  canvas.height = Math.max(1, Math.round(box.height * fine));
  const g = canvas.getContext('2d');
  g.scale(fine, fine);
  g.clearRect(0, 0, box.width, box.height);
  return { g, w: box.width, h: box.height };
}

// range is that of a column with a little room, of the data where they are known and of what is drawn.
function range(values, column) {
  let lo = Infinity, hi = -Infinity;
  for (const v of values) {
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  if (column && column.mean !== undefined && column.sd !== undefined) {
    lo = Math.min(lo, column.mean - 2.5 * column.sd);
    hi = Math.max(hi, column.mean + 2.5 * column.sd);
  }
  if (!(lo < hi)) return [lo - 1 || -1, hi + 1 || 1];
  const room = (hi - lo) * 0.03;
  return [lo - room, hi + room];
}

// ticks are round numbers in a range.
function ticks([lo, hi], most) {
  const step = (hi - lo) / most, ten = 10 ** Math.floor(Math.log10(step));
  const by = [1, 2, 5, 10].map((k) => k * ten).find((k) => k >= step);
  const out = [];
  for (let k = Math.ceil(lo / by); k * by <= hi; k++) out.push(k * by);
  return out;
}

export const short = (x) => x === null || x === undefined ? '' : typeof x === 'number' ? String(+x.toPrecision(4)) : String(x);

// places turns the values of a column into numbers: words into the places of a list of them, which is that of the
// column or, where it has none, what there is; and the words.
function places(values, column) {
  if (!values.some((v) => typeof v === 'string')) return { xs: values, words: null };
  const times = column.type === 'time' ? values.map((v) => v === null ? null : moment(v, column.layout)) : [];
  if (times.length && times.every((t) => t === null || !Number.isNaN(t))) return { xs: times, words: null, time: true };
  const all = column.levels || [...new Set(values.filter((v) => v !== null))].sort();
  const words = all.length > 40 ? [...all.slice(0, 39), 'others'] : all;
  const at = new Map(all.map((v, k) => [v, Math.min(k, words.length - 1)]));
  return { xs: values.map((v) => at.get(v) ?? NaN), words };
}

// moment is the time of a cell in milliseconds, by the places that a layout of Go has for its parts; NaN where it names
// months or days of the week, or has parts of no fixed width.
function moment(cell, layout) {
  if (!layout || /Jan|Mon|MST|PM/.test(layout) || cell.length < layout.replace(/Z07.*/, '').length) return NaN;
  const part = (mark, none) => layout.includes(mark) ? Number(cell.substr(layout.indexOf(mark), mark.length)) : none;
  return Date.UTC(part('2006', 1970), part('01', 1) - 1, part('02', 1), part('15', 0), part('04', 0), part('05', 0));
}

// jitter moves words apart, by their place among the samples.
const jitter = (p, k) => p.words ? p.xs[k] + ((k * 0.618033988749895) % 1 - 0.5) * 0.5 : p.xs[k];

// label is what stands at a tick.
function label(t, p) {
  if (p?.words) return Number.isInteger(t) ? String(p.words[t] ?? '').slice(0, 12) : '';
  return p?.time ? new Date(t).toISOString().slice(0, 10) : short(t);
}

// marks are the ticks of an axis: those of words are whole.
const marks = (r, most, p) => ticks(r, p?.words ? Math.max(2, Math.min(most, p.words.length)) : most).filter((t) => !p?.words || Number.isInteger(t));

// frame draws axes and returns the scales.
function frame({ g, w, h }, xr, yr, xname, yname, xp, yp) {
  const left = yp?.words || yp?.time ? 92 : 52, bottom = 40, top = 12, right = 12;
  const sx = (v) => left + (v - xr[0]) / (xr[1] - xr[0]) * (w - left - right);
  const sy = (v) => h - bottom - (v - yr[0]) / (yr[1] - yr[0]) * (h - bottom - top);
  g.font = '12px system-ui, sans-serif';
  g.fillStyle = color('--soft');
  g.strokeStyle = color('--line');
  g.lineWidth = 1;
  g.textAlign = 'center';
  for (const t of marks(xr, Math.max(2, Math.floor(w / 110)), xp)) {
    g.beginPath();
    g.moveTo(sx(t), top);
    g.lineTo(sx(t), h - bottom);
    g.stroke();
    g.fillText(label(t, xp), sx(t), h - bottom + 16);
  }
  g.textAlign = 'right';
  for (const t of marks(yr, Math.max(2, Math.floor(h / 70)), yp)) {
    g.beginPath();
    g.moveTo(left, sy(t));
    g.lineTo(w - right, sy(t));
    g.stroke();
    g.fillText(label(t, yp), left - 6, sy(t) + 4);
  }
  g.textAlign = 'center';
  g.fillText(xname, left + (w - left - right) / 2, h - 6);
  g.save();
  g.translate(12, top + (h - bottom - top) / 2);
  g.rotate(-Math.PI / 2);
  g.fillText(yname, 0, 0);
  g.restore();
  return { sx, sy };
}

// scatter draws two columns against each other; a missing cell is no point.
export function scatter(canvas, rows, i, j, columns) {
  const p = prepare(canvas);
  if (!rows.length) return;
  const x = places(rows.map((r) => r[i]), columns[i]), y = places(rows.map((r) => r[j]), columns[j]);
  const { sx, sy } = frame(p, spread(x, columns[i]), spread(y, columns[j]), columns[i].name, columns[j].name, x, y);
  p.g.fillStyle = color('--point');
  p.g.globalAlpha = rows.length > 3000 ? 0.35 : 0.6;
  const size = rows.length > 3000 ? 1.6 : 2.4;
  for (let k = 0; k < rows.length; k++) {
    if (!Number.isFinite(x.xs[k]) || !Number.isFinite(y.xs[k]) || x.xs[k] === null || y.xs[k] === null) continue;
    p.g.beginPath();
    p.g.arc(sx(jitter(x, k)), sy(jitter(y, k)), size, 0, 7);
    p.g.fill();
  }
}

// spread is the range of an axis.
const spread = (p, column) => p.words ? [-0.7, p.words.length - 0.3] :
  range(p.xs.filter((v) => Number.isFinite(v)), p.time ? null : column);

// histogram draws one column.
export function histogram(canvas, rows, i, columns) {
  const p = prepare(canvas);
  if (!rows.length) return;
  const x = places(rows.map((r) => r[i]), columns[i]), xs = x.xs.filter((v) => v !== null && Number.isFinite(v));
  const xr = x.words ? [-0.5, x.words.length - 0.5] : spread(x, columns[i]);
  const count = x.words ? x.words.length : Math.max(8, Math.min(80, Math.round(Math.sqrt(xs.length))));
  const bins = new Array(count).fill(0);
  for (const v of xs) bins[Math.max(0, Math.min(count - 1, Math.floor((v - xr[0]) / (xr[1] - xr[0]) * count)))]++;
  const { sx, sy } = frame(p, xr, [0, Math.max(1, ...bins) * 1.05], columns[i].name, 'samples', x);
  p.g.fillStyle = color('--point');
  bins.forEach((n, k) => {
    const a = sx(xr[0] + (xr[1] - xr[0]) * k / count), b = sx(xr[0] + (xr[1] - xr[0]) * (k + 1) / count);
    p.g.fillRect(a + 0.5, sy(n), Math.max(1, b - a - 1), sy(0) - sy(n));
  });
}

// images draws rows as pictures [height, width, channels], as many as there is room for.
export function images(canvas, rows, [height, width, channels], columns) {
  const { g, w, h } = prepare(canvas);
  if (!rows.length) return;
  let cell = 34;
  for (let c = Math.min(160, w, h); c > 34; c--) {
    if (Math.floor(w / c) * Math.floor(h / c) >= rows.length) { cell = c; break; }
  }
  const across = Math.max(1, Math.floor(w / cell)), down = Math.max(1, Math.floor(h / cell));
  let lo = Infinity, hi = -Infinity;
  for (const c of columns) {
    if (c.low !== undefined && c.high !== undefined) { lo = Math.min(lo, c.low); hi = Math.max(hi, c.high); }
  }
  const shown = rows.slice(0, across * down);
  if (!(lo < hi)) for (const r of shown) for (const v of r) { lo = Math.min(lo, v); hi = Math.max(hi, v); }
  const small = document.createElement('canvas');
  small.width = width;
  small.height = height;
  const s = small.getContext('2d'), data = s.createImageData(width, height);
  g.imageSmoothingEnabled = false;
  shown.forEach((r, k) => {
    for (let q = 0; q < width * height; q++) {
      for (let c = 0; c < 3; c++) {
        const v = r[q * channels + (channels >= 3 ? c : 0)];
        data.data[4 * q + c] = Math.max(0, Math.min(255, 255 * (v - lo) / (hi - lo || 1)));
      }
      data.data[4 * q + 3] = 255;
    }
    s.putImageData(data, 0, 0);
    const room = cell - 4, scale = room / Math.max(width, height);
    g.drawImage(small, (k % across) * cell + 2, Math.floor(k / across) * cell + 2, width * scale, height * scale);
  });
}
