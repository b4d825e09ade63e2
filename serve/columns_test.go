package serve

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task/sample"
)

// Some columns alone are those of all of them, in the order asked for, in every format, from the server and in files
// of ito sample, whole, in parts and resumed; others are refused with the nearest.
func TestColumns(t *testing.T) {
	_, base := start(t, config(trained.people, trained.digits, trained.text))
	cut := func(csv []byte, names ...string) string {
		var at []int
		var out strings.Builder
		for i, line := range strings.Split(strings.TrimSpace(string(csv)), "\n") {
			cells := strings.Split(strings.ReplaceAll(line, `"Oslo, N"`, "OSLO"), ",")
			if i == 0 {
				for _, name := range names {
					for k, c := range cells {
						if c == name {
							at = append(at, k)
						}
					}
				}
			}
			for j, k := range at {
				if j > 0 {
					out.WriteByte(',')
				}
				out.WriteString(strings.ReplaceAll(cells[k], "OSLO", `"Oslo, N"`))
			}
			out.WriteByte('\n')
		}
		return out.String()
	}
	few := func(c *sample.Config) { c.N, c.NFE = 40, 4 }
	some := func(c *sample.Config) { few(c); c.Columns = []string{"city", "age"} }
	want := cut(file(t, trained.people, ".csv", few), "city", "age")
	if got := file(t, trained.people, ".csv", some); string(got) != want {
		t.Errorf("ito sample wrote\n%s\nnot\n%s", got, want)
	}
	const q = "/v1/models/people/sample?n=40&nfe=4&columns=city,age"
	for _, end := range []string{"csv", "parquet"} {
		_, _, b := get(t, "GET", base+q+"&format="+end, "")
		if !bytes.Equal(b, file(t, trained.people, "."+end, some)) {
			t.Errorf("%s: %.200s", end, b)
		}
	}
	_, _, b := get(t, "POST", base+"/v1/models/people/sample", `{"n":2,"nfe":4,"columns":["age"]}`, "Accept",
		"application/x-ndjson")
	if line, _, _ := strings.Cut(string(b), "\n"); !strings.HasPrefix(line, `{"id":0,"age":`) || strings.Count(line, ":") != 2 {
		t.Errorf("%s", b)
	}
	names := strings.Split(strings.TrimSpace(strings.SplitN(string(file(t, trained.digits, ".csv", few)), "\n", 2)[0]), ",")
	pixels := func(c *sample.Config) { few(c); c.Columns = []string{names[30], names[3]} }
	if got := file(t, trained.digits, ".csv", pixels); string(got) != cut(file(t, trained.digits, ".csv", few), names[30],
		names[3]) {
		t.Errorf("%.300s", got)
	}
	_, _, b = get(t, "GET", base+"/v1/models/digits/sample?n=40&nfe=4&format=npy&columns="+names[30]+","+names[3], "")
	if !bytes.Equal(b, file(t, trained.digits, ".npy", pixels)) {
		t.Errorf("%d bytes of npy", len(b))
	}
	for query, want := range map[string]string{
		"people/sample?n=1&nfe=2&columns=agee":    `the model has no column \"agee\"; did you mean \"age\"?`,
		"people/sample?n=1&nfe=2&columns=age,age": `\"age\" is there twice`,
		"text/sample?n=1&nfe=2&columns=x":         "no rows with columns of their own",
	} {
		for _, format := range []string{"csv", "json", "ndjson", "parquet"} {
			if code, _, b := get(t, "GET", base+"/v1/models/"+query+"&format="+format, ""); code != 400 || !strings.Contains(
				string(b), want) {
				t.Errorf("%s %s: %d %s", query, format, code, b)
			}
		}
	}
	// A file that is there is the same, one with other columns is not.
	c := spec.New[sample.Config]()
	pixels(&c)
	c.Model, c.Out, c.Resume = trained.digits, filepath.Join(t.TempDir(), "s.npy"), true
	for i := range 2 {
		if r, err := sample.Run(context.Background(), c, sample.Env{}); err != nil || r.Finished != (i == 1) {
			t.Error(r, err)
		}
	}
	c.Columns = c.Columns[:1]
	if _, err := sample.Run(context.Background(), c, sample.Env{}); err == nil {
		t.Error("a file of other columns goes on")
	}
	pixels(&c)
	c.Resume = false
	p, err := sample.OpenParts(c, sample.Env{})
	if err != nil {
		t.Fatal(err)
	}
	var parts [2]bytes.Buffer
	for i := range parts {
		if err := p.Draw(context.Background(), 20*i, 20, 1, &parts[i], func(int64) {}); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(whole, append(parts[0].Bytes(), parts[1].Bytes()...)) {
		t.Error("parts are not the whole")
	}
}
