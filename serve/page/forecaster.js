// Forecasters and model files have no samples to preview: their card says what they are asked, and how.

// describe fills the card of one and hides what is of samples; of another model it shows that again.
export function describe(card, { $, element }) {
  const is = card.kind !== 'sampler';
  $('ask').hidden = $('preview').hidden = is;
  $('columns').closest('details').hidden = is;
  $('facts').parentElement.classList.toggle('alone', is);
  if (!is) return false;
  const facts = [], at = `${location.origin}/v1/models/${encodeURIComponent(card.name)}`;
  const fact = (name, text) => text && facts.push(element('dt', { textContent: name }), element('dd', { textContent: text }));
  const program = (name, ...words) => facts.push(element('dt', { textContent: name }), element('dd', {},
    element('pre', { textContent: words.join(' \\\n  '), tabIndex: 0, ariaLabel: name })));
  (card.kind === 'density' ? density : forecaster)(card, at, fact, program, $('about'));
  fact('Digest', card.digest.slice(0, 16));
  $('card').replaceChildren(...facts);
  return true;
}

function density(card, at, fact, program, about) {
  const d = card.density;
  about.textContent = 'A model file: draws from its density are inferred' + (d.needs_data ? ', given data.' : '.');
  fact('Quantities', (d.quantities || []).map((q) => q.name + (q.shape ? `[${q.shape.join(',')}]` : '')).join(', '));
  program('Draws', `curl ${d.needs_data ? '--data-binary @data.json' : '-X POST'}`, `'${at}/infer?seed=1'`);
  program('A file of them', `curl -o draws.csv ${d.needs_data ? '--data-binary @data.json' : '-X POST'}`,
    `'${at}/infer?draws=1000&chains=1&seed=1&format=csv'`);
}

function forecaster(card, at, fact, program, about) {
  const f = card.forecasts;
  about.textContent = `Forecasts series ${f.horizon} steps of ${f.freq} ahead.`;
  fact('Method', f.method);
  fact('Covariates', [...(f.known || []), ...(f.past || [])].join(', '));
  fact('Together', (f.panel || []).join(', '));
  fact('Trained on', `${f.series} series until ${f.until.slice(0, 16).replace('T', ' ')}`);
  program('Forecast a file', 'curl --data-binary @load.csv', `'${at}/forecast?format=csv'`);
  program('One number', `curl '${location.origin}/v1/forecast?model=${encodeURIComponent(card.name)}&series=NAME&lead=1&q=0.9'`);
  program('Its history', `curl '${at}/history'`);
  program('Add to it', 'curl --data-binary @load.csv', `'${at}/history'`);
}
