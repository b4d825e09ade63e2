// The page: a card, a form made from the schema of a request, and samples as they come.
import { scatter, histogram, images, short } from './draw.js';
import { program, languages } from './code.js';
import { jobs } from './jobs.js';
import { describe } from './forecaster.js';

const $ = (id) => document.getElementById(id);
const first = ['n', 'seed', 'first', 'where', 'guidance', 'solver', 'nfe'];
const numeric = ['real', 'positive', 'proportion', 'integer']; // types that npy has
const most = 5000; // samples of a preview

const state = { models: [], card: null, schema: null, rows: [], ids: [], stop: null, view: '', language: 'curl' };

// element makes an element with properties and children.
function element(name, properties = {}, ...children) {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...children);
  return e;
}

function headers(more = {}) {
  const token = sessionStorage.getItem('token');
  return token ? { ...more, Authorization: 'Bearer ' + token } : more;
}

// ask fetches, and throws the problem of an answer that is one.
async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: headers(options.headers) });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({ detail: answer.statusText, status: answer.status }));
  throw Object.assign(new Error(problem.detail), { problem });
}

function fail(error) {
  if (error.name === 'AbortError') return;
  const problem = error.problem || {};
  $('login').hidden = problem.status !== 401;
  if (problem.status === 401) $('token').focus();
  $('error').textContent = problem.detail || 'The server cannot be reached: ' + error.message;
  $('error').hidden = false;
  const field = problem.where && $('form').elements[problem.where];
  if (field && field.setAttribute) {
    field.setAttribute('aria-invalid', 'true');
    const closed = field.closest('details');
    if (closed) closed.open = true;
    field.focus();
  }
}

function calm() {
  $('error').hidden = true;
  for (const f of $('form').querySelectorAll('[aria-invalid]')) f.removeAttribute('aria-invalid');
}

// settings are those of the form that are not the default.
function settings() {
  const out = {};
  for (const [key, p] of Object.entries(state.schema)) {
    const field = $('form').elements[key];
    if (!field) continue;
    const text = field.type === 'checkbox' ? String(field.checked) : field.value.trim();
    if (text === '' || text === String(p.default ?? (p.type === 'boolean' ? false : ''))) continue;
    out[key] = p.type === 'boolean' ? field.checked : text;
  }
  if (!out.n && $('form').elements.n) out.n = $('form').elements.n.value;
  return out;
}

// body is the request's: numbers as numbers, unless they are none, which the server then says.
function body(values) {
  const out = {};
  for (const [key, v] of Object.entries(values)) {
    const type = state.schema[key].type;
    const plain = (type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(v);
    out[key] = plain && Number.isSafeInteger(Math.trunc(+v)) ? +v : v;
  }
  return out;
}

const query = (values) => new URLSearchParams(values).toString();
const place = () => `v1/models/${encodeURIComponent(state.card.name)}/sample`;

// form makes a field for every setting of a request.
function form() {
  const from = new URLSearchParams(location.hash.slice(1));
  $('fields').replaceChildren();
  $('more').replaceChildren();
  const keys = [...first, ...Object.keys(state.schema).filter((k) => !first.includes(k)).sort()];
  for (const key of keys) {
    const p = state.schema[key];
    if (!p || (key === 'where' || key === 'guidance') && !state.card.conditions) continue;
    const id = 'f-' + key, help = 'h-' + key;
    const given = from.get(key) ?? (key === 'n' ? '500' : p.default ?? '');
    let field;
    if (p.enum) {
      field = element('select', {}, ...p.enum.map((w) => element('option', { value: w, textContent: w })));
      field.value = given;
    } else if (p.type === 'boolean') {
      field = element('input', { type: 'checkbox', checked: String(given) === 'true' });
    } else {
      field = element('input', { type: 'text', value: given, spellcheck: false,
        inputMode: p.type === 'integer' || p.type === 'number' ? 'decimal' : 'text' });
    }
    Object.assign(field, { id, name: key });
    field.setAttribute('aria-describedby', help);
    const words = choices(key, p);
    if (words.length && !p.enum) {
      field.setAttribute('list', 'l-' + key);
      field.after(element('datalist', { id: 'l-' + key }));
    }
    const box = element('div', { className: 'field' + (p.type === 'boolean' ? ' check' : ''), title: p.description });
    const label = element('label', { htmlFor: id, textContent: key });
    box.append(...(p.type === 'boolean' ? [field, label] : [label, field]));
    box.append(element('span', { id: help, className: 'hidden', textContent: p.description }));
    if (words.length && !p.enum) {
      box.append(element('datalist', { id: 'l-' + key }, ...words.map((value) => element('option', { value }))));
    }
    if (key === 'where') field.placeholder = state.card.where_example;
    (first.includes(key) ? $('fields') : $('more')).append(box);
  }
}

// choices are words that a field may be.
function choices(key, p) {
  if (key !== 'where') return p.examples || [];
  const [c, ...others] = state.card.conditions;
  return others.length || !c.levels ? [state.card.where_example] : c.levels.slice(0, 50).map((l) => `${c.column}=${l}`);
}

// card shows what is known of the model.
function card() {
  const c = state.card, facts = [];
  const fact = (name, text) => text && facts.push(element('dt', { textContent: name }), element('dd', { textContent: text }));
  $('about').textContent = c.needs_rows ? 'Samples of this model start at rows of another set, which this page cannot give.' :
    `${c.columns.length} columns${c.shape ? ', of shape ' + c.shape.join('×') : ''}, on path ${c.path}.`;
  fact('Network', c.network && `${c.network.kind}, ${c.network.parameters.toLocaleString('en')} parameters`);
  fact('Predicts', c.predicts);
  fact('Conditions', (c.conditions || []).map((k) => k.levels ? `${k.column}: ${k.levels.slice(0, 12).join(', ')}` +
    (k.levels.length > 12 ? '…' : '') : k.mean === undefined ? k.column : `${k.column}: mean ${short(k.mean)}, sd ${short(k.sd)}`).join('; '));
  fact('Trained on', c.provenance.data);
  fact('Made', `${c.provenance.created.slice(0, 10)} by ito ${c.provenance.version || 'devel'}, ${c.provenance.simd}, seed ${c.provenance.seed}`);
  fact('Tuned', (c.schedules || []).map((s) => `${s.nfe} calls: ${s.name}, error ${short(s.rmse)} against ${short(s.fixed_rmse)}` +
    ` of ${s.fixed}`).join('; '));
  fact('Digest', c.digest.slice(0, 16));
  $('card').replaceChildren(...facts);
  const head = element('tr', {}, ...['column', c.columns[0]?.type ? 'type' : 'mean', c.columns[0]?.type ? 'levels' : 'sd', 'least', 'most'].map((t) => element('th', { scope: 'col', textContent: t })));
  $('columns').replaceChildren(element('thead', {}, head), element('tbody', {}, ...c.columns.slice(0, 200).map((k) => element('tr', {},
    ...[k.name, k.type ?? short(k.mean ?? k.constant), k.type ? (k.levels || []).slice(0, 6).join(', ') : short(k.sd), short(k.low),
      short(k.high)].map((t) => element('td', { textContent: t }))))));
}

// size is the shape of a picture [height, width, channels], null where the samples are none.
function size() {
  const { shape, columns } = state.card, d = columns.length, side = Math.sqrt(d);
  if (shape && shape.length >= 2 && shape[0] > 1 && shape[1] > 1) return [shape[0], shape[1], shape[2] || 1];
  return !shape && d >= 16 && Number.isInteger(side) ? [side, side, 1] : null;
}

// rankOf is 0 for a column of numbers, 1 for one of words that repeat, and 2 for one that shows nothing.
function rankOf(c) {
  if (c.constant !== undefined || ['identifier', 'text', 'constant'].includes(c.type)) return 2;
  return !c.type || ['real', 'positive', 'proportion', 'integer', 'time'].includes(c.type) ? 0 : 1;
}

// views are the ways to look at the model's samples.
function views() {
  const all = state.card.columns.length > 1 ? ['Points', 'Histogram', 'Table'] : ['Histogram', 'Table'];
  if (size()) all.unshift('Images');
  if (!all.includes(state.view)) state.view = all[0];
  radios($('views'), 'view', all, state.view, (v) => { state.view = v; show(); });
  for (const [id, at] of [['x', 0], ['y', 1]]) {
    $(id).replaceChildren(...state.card.columns.map((c, k) => element('option', { value: k, textContent: c.name })));
    // Numbers first, then what else varies: a name of each row shows nothing.
    const of = (rank) => state.card.columns.map((c, k) => k).filter((k) => rankOf(state.card.columns[k]) === rank);
    const vary = [...of(0), ...of(1)];
    $(id).value = vary[Math.min(at, vary.length - 1)] ?? 0;
  }
}

function radios(set, name, all, now, pick) {
  const legend = set.querySelector('legend');
  set.replaceChildren(legend, ...all.map((v) => element('label', {},
    element('input', { type: 'radio', name, value: v, checked: v === now, onchange: () => pick(v) }), v)));
}

// show draws what there is.
function show() {
  if (state.card.kind !== 'sampler') return;
  const { rows, view, card: { columns } } = state, i = +$('x').value, j = +$('y').value, table = view === 'Table';
  $('canvas').hidden = table;
  $('rows').hidden = !table;
  $('axes').hidden = view === 'Images' || table;
  $('y').parentElement.hidden = view !== 'Points';
  let words = view === 'Images' ? `Pictures of ${rows.length} samples` : `${view} of ${rows.length} samples, ${columns[i].name}`;
  if (view === 'Points') words += ` and ${columns[j].name}`;
  $('canvas').setAttribute('aria-label', words + '; the view Table has the numbers');
  if (view === 'Points') scatter($('canvas'), rows, i, j, columns);
  if (view === 'Histogram') histogram($('canvas'), rows, i, columns);
  if (view === 'Images') images($('canvas'), rows, size(), columns);
  if (table) {
    const cells = (kind, list) => element('tr', {}, ...list.map((t) => element(kind, { textContent: t })));
    $('rows').firstElementChild.replaceChildren(element('thead', {}, cells('th', ['id', ...columns.slice(0, 40).map((c) => c.name)])),
      element('tbody', {}, ...rows.slice(0, 100).map((r, k) => cells('td', [state.ids[k], ...r.slice(0, 40).map(short)]))));
  }
}

// links are those of the settings as they stand.
function links() {
  const values = settings();
  for (const format of ['csv', 'npy', 'parquet']) {
    $(format).href = `${place()}?${query({ ...values, format })}`;
    $(format).download = '';
    $(format).hidden = format === 'npy' && state.card.columns.some((c) => c.type && !numeric.includes(c.type));
  }
  history.replaceState(null, '', '#' + query({ model: state.card.name, ...values }));
  $('code').textContent = program(state.language, new URL(place(), location.href).href, body(values), query(values),
    Boolean(sessionStorage.getItem('token')));
}

// draw asks for samples and shows them as they come.
async function draw() {
  state.stop?.abort();
  calm();
  links();
  const stop = state.stop = new AbortController(), began = performance.now();
  state.rows = [];
  state.ids = [];
  $('stop').disabled = false;
  $('status').textContent = 'Drawing…';
  let due = false;
  const soon = () => { if (!due) { due = true; requestAnimationFrame(() => { due = false; if (state.stop === stop) show(); }); } };
  try {
    const values = settings(), n = +values.n;
    if (n > most) values.n = most;
    const answer = await ask(`${place()}?${query(values)}`, { signal: stop.signal,
      headers: { Accept: 'application/x-ndjson' } });
    const names = state.card.columns.map((c) => c.name), id = names.includes('id') ? '.id' : 'id';
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        const row = JSON.parse(line);
        state.ids.push(row[id]);
        state.rows.push(names.map((name) => row[name]));
      }
      $('status').textContent = `${state.rows.length} samples…`;
      soon();
    }
    const more = n > most ? ` The preview has the first ${most} of ${n}; a download has all.` : '';
    $('status').textContent = `${state.rows.length} samples in ${((performance.now() - began) / 1000).toFixed(2)} s.${more}`;
  } catch (error) {
    if (state.stop === stop) $('status').textContent = error.name === 'AbortError' ? `Stopped after ${state.rows.length} samples.` : 'No samples.';
    fail(error);
  } finally {
    if (state.stop === stop) {
      $('stop').disabled = true;
      show();
    }
  }
}

async function pick(name) {
  state.card = await (await ask('v1/models/' + encodeURIComponent(name))).json();
  document.title = `${name} – ito`;
  if (describe(state.card, { $, element })) {
    state.stop?.abort();
    return;
  }
  form();
  card();
  views();
  links();
  if (!state.card.needs_rows) await draw();
}

async function copy(text, button) {
  const was = button.dataset.was ??= button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed here';
  }
  setTimeout(() => { button.textContent = was; }, 1500);
}

// save downloads with the token, which a link cannot send.
async function save(event) {
  if (!sessionStorage.getItem('token')) return;
  event.preventDefault();
  try {
    const answer = await ask(event.currentTarget.getAttribute('href'));
    const name = /filename\*=UTF-8''(.+)$/.exec(answer.headers.get('Content-Disposition') || '')?.[1] || 'samples';
    const a = element('a', { href: URL.createObjectURL(await answer.blob()), download: decodeURIComponent(name) });
    a.click();
    URL.revokeObjectURL(a.href);
  } catch (error) {
    fail(error);
  }
}

function theme(dark) {
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  $('theme').setAttribute('aria-pressed', String(dark));
  if (state.card) show();
}

const work = jobs($('jobs'), { ask, element, fail, save });

async function start() {
  calm();
  try {
    const [list, api] = await Promise.all([ask('v1/models'), ask('openapi.json')]);
    state.models = (await list.json()).models;
    const document = await api.json();
    state.schema = document.components.schemas.SampleRequest.properties;
    $('work').hidden = !document.paths['/v1/jobs'];
    if (!$('work').hidden) await work.show();
    $('login').hidden = true;
    $('model').replaceChildren(...state.models.map((m) => element('option', { value: m.name, disabled: !m.card,
      textContent: m.card ? m.name : m.name + ' (cannot be used)' })));
    const wanted = new URLSearchParams(location.hash.slice(1)).get('model');
    const m = state.models.find((k) => k.name === wanted && k.card) || state.models.find((k) => k.card);
    if (!m) throw new Error(state.models[0]?.fault || 'there is no model');
    $('model').value = m.name;
    await pick(m.name);
  } catch (error) {
    fail(error);
  }
}

$('form').addEventListener('submit', (e) => { e.preventDefault(); draw(); });
$('form').addEventListener('input', () => { calm(); links(); });
$('stop').addEventListener('click', () => state.stop?.abort());
$('next').addEventListener('click', () => {
  const f = $('form').elements.seed;
  f.value = (BigInt(/^\d+$/.test(f.value) ? f.value : '0') + 1n).toString();
  draw();
});
$('model').addEventListener('change', () => {
  history.replaceState(null, '', '#');
  pick($('model').value).catch(fail);
});
$('login').addEventListener('submit', (e) => { e.preventDefault(); sessionStorage.setItem('token', $('token').value.trim()); start(); });
$('theme').addEventListener('click', () => theme($('theme').getAttribute('aria-pressed') !== 'true'));
for (const id of ['x', 'y']) $(id).addEventListener('change', show);
for (const id of ['csv', 'npy', 'parquet']) $(id).addEventListener('click', save);
$('job').addEventListener('click', () => {
  calm();
  work.start(state.card.name, $('as').value, body(settings())).catch(fail);
});
$('share').addEventListener('click', () => copy(location.href, $('share')));
$('copy').addEventListener('click', () => copy($('code').textContent, $('copy')));
radios($('languages'), 'language', languages, state.language, (l) => { state.language = l; links(); });
$('theme').setAttribute('aria-pressed', String(matchMedia('(prefers-color-scheme: dark)').matches));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (e) => { if (!document.documentElement.dataset.theme) theme(e.matches); });
new ResizeObserver(() => { if (state.card && !$('canvas').hidden) show(); }).observe($('preview'));
start();
