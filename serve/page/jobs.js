// Jobs of the server: what they are, how far they are, and their results.

const seconds = 1000; // between two looks at jobs that have not ended

// jobs shows the jobs in a list and returns what starts one. ask fetches, element makes elements, fail shows an error,
// save downloads a link.
export function jobs(list, { ask, element, fail, save }) {
  let timer = 0;

  function row(job) {
    const left = ['queued', 'running'].includes(job.state);
    const what = { evaluate: 'report', forecast: 'forecasts', infer: 'draws' }[job.kind];
    const name = `${job.model}, ${what || job.total.toLocaleString('en') + ' samples'} as ${job.format}` +
      (job.settings.seed === undefined ? '' : `, seed ${job.settings.seed}`);
    const bar = element('progress', { max: job.total, value: job.done });
    bar.setAttribute('aria-label', name);
    const state = job.state === 'queued' ? `place ${job.position} in the queue` : job.state === 'running' ?
      `${Math.floor(100 * job.done / job.total)} %` : job.error || job.state;
    const button = element('button', { type: 'button', textContent: left ? 'Cancel' : 'Remove',
      onclick: () => ask('v1/jobs/' + job.id, { method: 'DELETE' }).then(show).catch(fail) });
    button.setAttribute('aria-label', `${button.textContent} ${name}`);
    const item = element('li', {}, element('span', { textContent: name }), bar, element('span', { textContent: state }));
    if (job.result) {
      const a = element('a', { href: job.result.slice(1), download: '', textContent: 'Download', onclick: save });
      a.setAttribute('aria-label', `Download ${name}`);
      item.append(a);
    }
    item.append(button);
    return item;
  }

  async function show() {
    clearTimeout(timer);
    const all = (await (await ask('v1/jobs')).json()).jobs;
    const focused = document.activeElement?.getAttribute('aria-label');
    list.replaceChildren(...all.map(row));
    if (focused) [...list.querySelectorAll('button, a')].find((e) => e.getAttribute('aria-label') === focused)?.focus();
    if (all.some((j) => ['queued', 'running'].includes(j.state))) timer = setTimeout(() => show().catch(fail), seconds);
  }

  return {
    show,
    start: (model, format, body) => ask(`v1/jobs?${new URLSearchParams({ model, format })}`, { method: 'POST',
      body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }).then(show),
  };
}
