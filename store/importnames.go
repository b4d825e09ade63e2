package store

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
)

// Names is a map from the names of a network's tensors to those of another program's file. A key is the beginning of a
// name, up to a dot or its end, in which {i} stands for a number; the value is what the file has in its place, with the
// same {i}. What follows the key is kept:
//
//	"layer{i}.mid" = "blocks.{i}.middle"         layer3.mid.weight is blocks.3.middle.weight
//	"layer{i}.attn.in" = ["b.{i}.q", "b.{i}.k", "b.{i}.v"]   three tensors, one behind the other
//
// Of keys that fit, the longest counts; a name that none fits stands for itself. The key "ignore" lists beginnings of
// names in the file that nothing stands for.
type Names struct {
	rules  []nameRule
	ignore []nameRule
}

type nameRule struct {
	key    string
	match  *regexp.Regexp
	theirs []string
}

var hole = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{([a-z]+)\}`) })

// NewNames makes a map of keys and values.
func NewNames(of map[string][]string) (*Names, error) {
	n := &Names{}
	for _, key := range slices.Sorted(maps.Keys(of)) {
		if key == "ignore" {
			for _, k := range of[key] {
				r, err := newNameRule(k, nil)
				if err != nil {
					return nil, err
				}
				n.ignore = append(n.ignore, r)
			}
			continue
		}
		r, err := newNameRule(key, of[key])
		if err != nil {
			return nil, err
		}
		n.rules = append(n.rules, r)
	}
	slices.SortStableFunc(n.rules, func(a, b nameRule) int { return cmp.Compare(len(b.key), len(a.key)) })
	return n, nil
}

func newNameRule(key string, theirs []string) (nameRule, error) {
	pattern, at := "^", 0
	for _, h := range hole().FindAllStringSubmatchIndex(key, -1) {
		name := key[h[2]:h[3]]
		if strings.Contains(pattern, "(?P<"+name+">") {
			return nameRule{}, badMap("key %q has {%s} twice", key, name)
		}
		pattern += regexp.QuoteMeta(key[at:h[0]]) + "(?P<" + name + ">[0-9]+)"
		at = h[1]
	}
	pattern += regexp.QuoteMeta(key[at:]) + `(?P<rest>$|\..*$)`
	if key == "" {
		return nameRule{}, badMap("an empty key")
	}
	if theirs != nil && len(theirs) == 0 {
		return nameRule{}, badMap("key %q has no names", key)
	}
	r := nameRule{key, regexp.MustCompile(pattern), theirs}
	for _, t := range theirs {
		for _, h := range hole().FindAllStringSubmatch(t, -1) {
			if r.match.SubexpIndex(h[1]) < 0 {
				return nameRule{}, badMap("%q has {%s}, which its key %q has not", t, h[1], key)
			}
		}
	}
	return r, nil
}

func badMap(format string, args ...any) error {
	return &FormatError{What: "map of names: " + fmt.Sprintf(format, args...)}
}

// ParseNames reads a map in TOML: every value is a name or a list of them.
func ParseNames(text, file string) (*Names, error) {
	var raw map[string]any
	if _, err := toml.Decode(text, &raw); err != nil {
		return nil, &FormatError{Path: file, What: "not TOML: " + err.Error()}
	}
	of := map[string][]string{}
	for key, v := range raw {
		switch v := v.(type) {
		case string:
			of[key] = []string{v}
		case []any:
			of[key] = []string{}
			for _, e := range v {
				s, ok := e.(string)
				if !ok {
					return nil, &FormatError{Path: file, What: fmt.Sprintf("key %q: %v is no name", key, e)}
				}
				of[key] = append(of[key], s)
			}
		default:
			return nil, &FormatError{Path: file, What: fmt.Sprintf("key %q: %v is no name", key, v),
				Do: `put keys with dots in quotes, as "layer{i}.mid" = "blocks.{i}.mid"`}
		}
	}
	n, err := NewNames(of)
	return n, inFile(err, file)
}

// theirs are the names in the file that stand for a tensor of the network.
func (n *Names) theirs(name string) []string {
	if n == nil {
		return []string{name}
	}
	for _, r := range n.rules {
		m := r.match.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		out := make([]string, len(r.theirs))
		for i, t := range r.theirs {
			out[i] = hole().ReplaceAllStringFunc(t, func(h string) string {
				return m[r.match.SubexpIndex(h[1:len(h)-1])]
			}) + m[r.match.SubexpIndex("rest")]
		}
		return out
	}
	return []string{name}
}

// ignores reports a tensor of the file that nothing stands for.
func (n *Names) ignores(name string) bool {
	return n != nil && slices.ContainsFunc(n.ignore, func(r nameRule) bool { return r.match.MatchString(name) })
}

// csdiNames are the names of the released program, by those of nn.CSDI.
var csdiNames = func() map[string][]string {
	of := map[string][]string{
		"features":      {"embed_layer"},
		"in":            {"diffmodel.input_projection"},
		"time.0":        {"diffmodel.diffusion_embedding.projection1"},
		"time.1":        {"diffmodel.diffusion_embedding.projection2"},
		"out.0":         {"diffmodel.output_projection1"},
		"out.1":         {"diffmodel.output_projection2"},
		"layer{i}.time": {"diffmodel.residual_layers.{i}.diffusion_projection"},
		"layer{i}.side": {"diffmodel.residual_layers.{i}.cond_projection"},
		"layer{i}.mid":  {"diffmodel.residual_layers.{i}.mid_projection"},
		"layer{i}.out":  {"diffmodel.residual_layers.{i}.output_projection"},
	}
	for ours, theirs := range map[string]string{"over_time": "time_layer", "over_features": "feature_layer"} {
		for k, v := range torchEncoder {
			of["layer{i}."+ours+"."+k] = []string{"diffmodel.residual_layers.{i}." + theirs + ".layers.0." + v}
		}
	}
	return of
}()

// torchEncoder are the names of PyTorch's TransformerEncoderLayer by those of nn's EncoderLayer.
var torchEncoder = map[string]string{
	"attn.in.weight": "self_attn.in_proj_weight", "attn.in.bias": "self_attn.in_proj_bias",
	"attn.out": "self_attn.out_proj", "ff.0": "linear1", "ff.1": "linear2", "norm0": "norm1", "norm1": "norm2",
}

// publishedNames are the maps of programs that ito knows, by the kind of the network.
var publishedNames = map[string]map[string][]string{"csdi": csdiNames}

// PublishedNames is the map of the program that published networks of a kind; nil where ito knows none.
func PublishedNames(kind string) *Names {
	of, ok := publishedNames[kind]
	if !ok {
		return nil
	}
	n, err := NewNames(of)
	if err != nil {
		panic(err)
	}
	return n
}

// sequentialNames is the map of a PyTorch nn.Sequential of Linear layers, whose numbers count what stands between them
// too, to an nn.MLP; nil where the tensors are none.
func sequentialNames(tensors []Tensor) *Names {
	layers, err := sequential(tensors)
	if err != nil {
		return nil
	}
	of := map[string][]string{}
	for i, l := range layers {
		of[strconv.Itoa(i)] = []string{strings.TrimSuffix(l.weight.Name, ".weight")}
	}
	n, err := NewNames(of)
	if err != nil {
		return nil
	}
	return n
}
