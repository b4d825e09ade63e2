// The same request as a program.
export const languages = ['curl', 'Go', 'Python', 'ito'];

const shell = (s) => `'${s.replaceAll("'", `'\\''`)}'`;

// program writes the request: at a place, with the settings of its body, which are also a query.
export function program(language, at, body, query, token) {
  const json = JSON.stringify(body);
  switch (language) {
    case 'Go':
      return `body := strings.NewReader(${'`' + json + '`'})
r, err := http.NewRequest("POST", ${JSON.stringify(at)}, body)
if err != nil {
	return err
}
r.Header.Set("Accept", "text/csv")${token ? '\nr.Header.Set("Authorization", "Bearer "+os.Getenv("ITO_TOKEN"))' : ''}
a, err := http.DefaultClient.Do(r)
if err != nil {
	return err
}
defer a.Body.Close()
if a.StatusCode != http.StatusOK {
	return errors.New(a.Status)
}
_, err = io.Copy(file, a.Body) // fails if the answer breaks off
return err`;
    case 'Python':
      return `import io, ${token ? 'os, ' : ''}numpy, requests
a = requests.post(${JSON.stringify(at)}, data=${shell(json)},
                  headers={"Accept": "application/x-npy"${token ? ', "Authorization": "Bearer " + os.environ["ITO_TOKEN"]' : ''}})
if not a.ok:
    raise SystemExit(a.json()["detail"])
x = numpy.load(io.BytesIO(a.content))`;
    case 'ito': {
      const name = decodeURIComponent(new URL(at).pathname.split('/').at(-2));
      const flags = Object.entries(body).map(([k, v]) => k === 'n' ? `-n ${v}` : v === true ? `--${k}` : `--${k} ${
        /^[\w.:=,@%+-]+$/.test(v) ? v : shell(String(v))}`);
      return ['ito sample', shell(name + '.safetensors'), ...flags, '--out samples.csv'].join(' ');
    }
  }
  return `curl --fail-with-body -o samples.csv ${token ? '-H "Authorization: Bearer $ITO_TOKEN" ' : ''}\\
  ${shell(`${at}?${query}&format=csv`)}`;
}
