package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Scheduler is a diffusers scheduler_config.json. Keys that ito does not know survive reading and writing; keys
// that are missing have the defaults of the class. [Scheduler.Plan] makes of it what ito runs.
type Scheduler struct {
	class string
	keys  map[string]json.RawMessage
}

const classKey, schedulerSuffix = "_class_name", "Scheduler"

// NewScheduler is the configuration of a class with its defaults. The suffix "Scheduler" may be left out. An unknown
// class is an *ito.InputError with the nearest known one.
func NewScheduler(class string) (*Scheduler, error) {
	known := Schedulers()
	for _, c := range known {
		if c == class || strings.TrimSuffix(c, schedulerSuffix) == class {
			name, _ := json.Marshal(c)
			return &Scheduler{class: c, keys: map[string]json.RawMessage{classKey: name}}, nil
		}
	}
	if nearest, there := elsewhere[strings.TrimSuffix(class, schedulerSuffix)]; there {
		return nil, &ito.UnsupportedError{What: "scheduler class " + class, Why: "ito does not have its steps",
			Nearest: nearest + schedulerSuffix}
	}
	return nil, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("unknown class %q", class),
		Do: suggest.Among(class, known)}
}

// elsewhere are classes of diffusers that are not understood, each with the nearest that is.
var elsewhere = map[string]string{
	"DPMSolverMultistepInverse": "DDIMInverse",
	"CosineDPMSolverMultistep":  "EDMDPMSolverMultistep", "DDIMParallel": "DDIM", "DDPMParallel": "DDPM",
	"CogVideoXDDIM": "DDIM", "CogVideoXDPM": "DPMSolverMultistep", "KarrasVe": "EDMEuler", "ScoreSdeVp": "DDPM",
	"RePaint": "DDIM", "UnCLIP": "DDPM", "DDPMWuerstchen": "DDPM", "VQDiffusion": "DDPM", "Amused": "DDPM",
	"FlowMatchLCM": "LCM", "SCM": "LCM", "FlaxDDIM": "DDIM", "FlaxDDPM": "DDPM", "FlaxPNDM": "PNDM",
	"FlaxEulerDiscrete": "EulerDiscrete", "FlaxLMSDiscrete": "LMSDiscrete",
	"FlaxDPMSolverMultistep": "DPMSolverMultistep",
}

// Schedulers lists the classes that are understood, sorted.
func Schedulers() []string { return slices.Sorted(maps.Keys(classes)) }

// ParseScheduler reads a scheduler_config.json. Python's Infinity, -Infinity and NaN are understood. It is an
// *ito.InputError when b is not a JSON object or names no class that is understood.
func ParseScheduler(b []byte) (*Scheduler, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(hide(b), &keys); err != nil {
		return nil, &ito.InputError{Where: "scheduler_config.json", What: err.Error(),
			Do: "give the JSON object that diffusers wrote"}
	}
	var class string
	if err := json.Unmarshal(keys[classKey], &class); err != nil || class == "" {
		return nil, &ito.InputError{Where: "scheduler_config.json", What: "it names no " + classKey,
			Do: "choose one of " + strings.Join(Schedulers(), ", ")}
	}
	s, err := NewScheduler(class)
	if err != nil {
		return nil, err
	}
	s.keys = keys
	s.keys[classKey], _ = json.Marshal(s.class)
	return s, nil
}

// Class is the name of the class, "DDIMScheduler".
func (s *Scheduler) Class() string { return s.class }

// Set gives a key a value that encoding/json can write. A key is not checked before [Scheduler.Plan].
func (s *Scheduler) Set(key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return &ito.InputError{Where: "scheduler key " + key, What: err.Error()}
	}
	if key == classKey {
		return &ito.InputError{Where: "scheduler key " + key, What: "the class is fixed", Do: "take NewScheduler"}
	}
	s.keys[key] = b
	return nil
}

// Lookup is the JSON of a key and whether the file has it; without it, it is the default of the class or nil.
func (s *Scheduler) Lookup(key string) (value json.RawMessage, given bool) {
	if v, ok := s.keys[key]; ok {
		return show(v), true
	}
	if v, ok := classes[s.class].defaults()[key]; ok {
		return show(standard(v)), false
	}
	return nil, false
}

// standard is the JSON of a default, with what Python alone writes hidden.
func standard(v any) json.RawMessage {
	if f, ok := v.(float64); ok && math.IsInf(f, -1) {
		return json.RawMessage(bare[0].hidden)
	}
	b, _ := json.Marshal(v) // numbers, words and lists of them
	return b
}

// Encode writes the file as diffusers does: sorted keys, two spaces, a newline at the end. With all it writes the
// defaults of missing keys too.
func (s *Scheduler) Encode(all bool) []byte {
	keys := maps.Clone(s.keys)
	if all {
		for k, v := range classes[s.class].defaults() {
			if _, given := keys[k]; !given {
				keys[k] = standard(v)
			}
		}
	}
	var out bytes.Buffer
	out.WriteString("{")
	for i, k := range slices.Sorted(maps.Keys(keys)) {
		if i > 0 {
			out.WriteString(",")
		}
		name, _ := json.Marshal(k)
		fmt.Fprintf(&out, "\n  %s: ", name)
		if json.Indent(&out, keys[k], "  ", "  ") != nil { // it was read as JSON, or set through it
			out.Write(keys[k])
		}
	}
	out.WriteString("\n}\n")
	return show(out.Bytes())
}

// What Python writes and JSON has not, as strings that no file contains.
var bare = []struct{ word, hidden string }{
	{"-Infinity", `"\u0000-Infinity"`}, {"Infinity", `"\u0000Infinity"`}, {"NaN", `"\u0000NaN"`},
}

// hide replaces bare words outside of strings.
func hide(b []byte) []byte {
	var out []byte
	quoted := false
	for i := 0; i < len(b); i++ {
		switch {
		case quoted && b[i] == '\\' && i+1 < len(b):
			out = append(out, b[i])
			i++
		case b[i] == '"':
			quoted = !quoted
		case !quoted:
			found := false
			for _, w := range bare {
				if bytes.HasPrefix(b[i:], []byte(w.word)) {
					out = append(out, w.hidden...)
					i += len(w.word) - 1
					found = true
					break
				}
			}
			if found {
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

func show(b []byte) []byte {
	for _, w := range bare {
		b = bytes.ReplaceAll(b, []byte(w.hidden), []byte(w.word))
	}
	return b
}
