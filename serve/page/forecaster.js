// A forecaster has no samples to preview: its card says what it is asked, and how.

// describe fills the card of a forecaster and hides what is of samples; of another model it shows that again.
export function describe(card, { $, element }) {
  const is = card.kind === 'forecaster';
  $('ask').hidden = $('preview').hidden = is;
  $('columns').closest('details').hidden = is;
  if (!is) return false;
  const f = card.forecasts, facts = [], at = `v1/models/${encodeURIComponent(card.name)}`;
  const fact = (name, text) => text && facts.push(element('dt', { textContent: name }), element('dd', { textContent: text }));
  $('about').textContent = `Forecasts series ${f.horizon} steps of ${f.freq} ahead.`;
  fact('Method', f.method);
  fact('Covariates', [...(f.known || []), ...(f.past || [])].join(', '));
  fact('Together', (f.panel || []).join(', '));
  fact('Trained on', `${f.series} series until ${f.until.slice(0, 16).replace('T', ' ')}`);
  fact('Forecast a file', `curl --data-binary @load.csv '${location.origin}/${at}/forecast?format=csv'`);
  fact('One number', `curl '${location.origin}/v1/forecast?model=${encodeURIComponent(card.name)}&series=NAME&lead=1&q=0.9'`);
  fact('Its history', `GET ${at}/history; POST there adds to it`);
  fact('Digest', card.digest.slice(0, 16));
  $('card').replaceChildren(...facts);
  return true;
}
