// Forecasters and model files have no samples to preview: their card says what they are asked, and how.

// describe fills the card of one and hides what is of samples; of another model it shows that again.
export function describe(card, { $, element }) {
  const is = card.kind !== 'sampler';
  $('ask').hidden = $('preview').hidden = is;
  $('columns').closest('details').hidden = is;
  if (!is) return false;
  const facts = [], at = `v1/models/${encodeURIComponent(card.name)}`;
  const fact = (name, text) => text && facts.push(element('dt', { textContent: name }), element('dd', { textContent: text }));
  (card.kind === 'density' ? density : forecaster)(card, at, fact, $('about'));
  fact('Digest', card.digest.slice(0, 16));
  $('card').replaceChildren(...facts);
  return true;
}

function density(card, at, fact, about) {
  const d = card.density;
  about.textContent = 'A model file: draws from its density are inferred' + (d.needs_data ? ', given data.' : '.');
  fact('Quantities', (d.quantities || []).map((q) => q.name + (q.shape ? `[${q.shape.join(',')}]` : '')).join(', '));
  fact('Draws', `curl ${d.needs_data ? '--data-binary @data.json' : '-X POST'} '${location.origin}/${at}/infer?seed=1'`);
}

function forecaster(card, at, fact, about) {
  const f = card.forecasts;
  about.textContent = `Forecasts series ${f.horizon} steps of ${f.freq} ahead.`;
  fact('Method', f.method);
  fact('Covariates', [...(f.known || []), ...(f.past || [])].join(', '));
  fact('Together', (f.panel || []).join(', '));
  fact('Trained on', `${f.series} series until ${f.until.slice(0, 16).replace('T', ' ')}`);
  fact('Forecast a file', `curl --data-binary @load.csv '${location.origin}/${at}/forecast?format=csv'`);
  fact('One number', `curl '${location.origin}/v1/forecast?model=${encodeURIComponent(card.name)}&series=NAME&lead=1&q=0.9'`);
  fact('Its history', `GET ${at}/history; POST there adds to it`);
}
