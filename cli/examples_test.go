package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// valid checks a document with the schema of a file.
func valid(t *testing.T, schema string, document any) error {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(document)
}

// kubernetes reads the documents of a YAML file by their kind, as JSON has them.
func kubernetes(t *testing.T, file string) map[string]map[string]any {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]any{}
	for d := yaml.NewDecoder(bytes.NewReader(b)); ; {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		doc := m.(map[string]any)
		out[doc["kind"].(string)] = doc
	}
}

// inProcesses trains the model of an example in a new directory, with a manifest of fewer samples, and runs each of so
// many commands, which have an environment of their own; then the export must be what ito sample writes.
func inProcesses(t *testing.T, manifest string, count int, command func(dir string, i int) *exec.Cmd) {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts processes")
	}
	dir := t.TempDir() // TestMain has put ito into the path
	small := strings.Replace(manifest, "10_000_000", "1000", 1)
	if small == manifest || os.WriteFile(filepath.Join(dir, "samples.toml"), []byte(small), 0o666) != nil {
		t.Fatal("the manifest is another")
	}
	run := func(c *exec.Cmd) {
		t.Helper()
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", c.Args, err, out)
		}
	}
	run(exec.Command("ito", "train", "moons", "--path", "vp", "--steps", "20", "--width", "8", "--depth", "1", "--out",
		"moons.safetensors"))
	t.Setenv("ITO_SIMD", "portable") // that every machine has
	for i := range count {
		run(command(dir, i))
	}
	run(exec.Command("ito", "job", "export", "samples.toml", "--store", "store"))
	run(exec.Command("ito", "sample", "moons.safetensors", "-n", "1000", "--seed", "7", "--nfe", "10", "--out",
		"want.npy"))
	got, err := os.ReadFile(filepath.Join(dir, "samples.npy"))
	want, e := os.ReadFile(filepath.Join(dir, "want.npy"))
	if err != nil || e != nil || !bytes.Equal(got, want) {
		t.Errorf("the result differs from that of ito sample: %v, %v", err, e)
	}
}

// The example for Kubernetes is valid by its schemas, and its pods, as processes, make the samples.
func TestKubernetesExample(t *testing.T) {
	docs := kubernetes(t, "../examples/k8s/samples.yaml")
	for kind, schema := range map[string]string{"Job": "job-batch-v1.json", "ConfigMap": "configmap-v1.json"} {
		if err := valid(t, "../examples/k8s/testdata/"+schema, docs[kind]); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	spec := docs["Job"]["spec"].(map[string]any)
	spec["completionsMode"] = "Indexed" // the schemas are strict: a misspelt key is seen
	if valid(t, "../examples/k8s/testdata/job-batch-v1.json", docs["Job"]) == nil {
		t.Error("a misspelt key is valid")
	}
	pod := spec["template"].(map[string]any)["spec"].(map[string]any)
	container := pod["containers"].([]any)[0].(map[string]any)
	count := 0
	if _, err := fmt.Sscan(fmt.Sprint(spec["completions"]), &count); err != nil {
		t.Fatal(err)
	}
	manifest := docs["ConfigMap"]["data"].(map[string]any)["samples.toml"].(string)
	inProcesses(t, manifest, count, func(dir string, i int) *exec.Cmd {
		var args []string
		for _, a := range container["command"].([]any) {
			args = append(args, strings.Replace(a.(string), "/manifest/", dir+"/", 1))
		}
		c := exec.Command(args[0], args[1:]...)
		c.Env = os.Environ()
		for _, e := range container["env"].([]any) {
			e := e.(map[string]any)
			if e["name"] != "ITO_SIMD" {
				c.Env = append(c.Env, e["name"].(string)+"="+e["value"].(string))
			}
		}
		c.Env = append(c.Env, fmt.Sprint("JOB_COMPLETION_INDEX=", i))
		return c
	})
}

// The example for SLURM is valid by its schema, and its tasks, as processes, make the samples.
func TestSlurmExample(t *testing.T) {
	script, err := os.ReadFile("../examples/slurm/samples.sbatch")
	if err != nil {
		t.Fatal(err)
	}
	options := map[string]any{}
	for _, m := range regexp.MustCompile(`(?m)^#SBATCH --([a-z-]+)(?:=(\S+))?$`).FindAllStringSubmatch(string(script), -1) {
		options[m[1]] = m[2]
		if m[2] == "" {
			options[m[1]] = true
		}
	}
	if n := strings.Count(string(script), "\n#SBATCH"); n != len(options) || n == 0 {
		t.Errorf("%d lines of options, and %d read", n, len(options))
	}
	const schema = "../examples/slurm/testdata/sbatch.schema.json"
	if err := valid(t, schema, options); err != nil {
		t.Error(err)
	}
	if valid(t, schema, map[string]any{"array": "0-"}) == nil || valid(t, schema, map[string]any{"array": "0",
		"aray": "1"}) == nil {
		t.Error("what is wrong is valid")
	}
	manifest, err := os.ReadFile("../examples/slurm/samples.toml")
	if err != nil {
		t.Fatal(err)
	}
	inProcesses(t, string(manifest), 8, func(dir string, i int) *exec.Cmd {
		path := filepath.Join(dir, "samples.sbatch")
		if err := os.WriteFile(path, script, 0o666); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("bash", path)
		c.Env = append(os.Environ(), fmt.Sprint("SLURM_ARRAY_TASK_ID=", i), "SLURM_ARRAY_TASK_MIN=0",
			"SLURM_ARRAY_TASK_MAX=7", "SLURM_ARRAY_TASK_COUNT=8", "SLURM_CPUS_PER_TASK=1")
		return c
	})
}
