package model_test

import (
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/target/model"
)

// Errors behind a rewritten subscript name the column as written.
func TestColumnsBehindSubscripts(t *testing.T) {
	data := model.Data{"M": [][]float64{{2, .5, 0}, {.5, 1, .2}}, "é": 1}
	for src, want := range map[string]string{
		"a = M[:, 1] + M[:, 7]":           "m.star:2:16: index 7 is outside data [2,3] along axis 1",
		"a = M[:, 1:2] + nope":            "m.star:2:17: undefined: nope",
		"a = M[0:1:1, 1] @ z":             "m.star:2:17: Starlark has no @",
		"s = 'é[:, 1]'; a = M[:, 'x']":    "m.star:2:21: an index is string",
		"a = M[::0, 1]":                   "m.star:2:6: a slice with a step of 0",
		"a = M[:, :, 0]":                  "m.star:2:6: data [2,3] has 2 axes, not 3",
		"a = M[[0, 1], [0, 1, 2]]":        "m.star:2:6: arrays of indices of shapes [2] and [3] do not go together",
		"a = M[[True], :]":                "m.star:2:6: a mask of shape [1] for data [2,3]",
		"a = M[z:, 1]":                    "m.star:2:6: a slice goes between integers, not array",
		"a = M[:, z]":                     "m.star:2:6: an index depends on a parameter",
		"a = M[:, 1\n":                    "m.star:",
		"a = (M[:, 1]":                    "m.star:",
		"a = M[1:2:1:1, 0]":               "m.star:2:",
		"a = {'b': M[:, 0], 'c': 1}['d']": "m.star:2:27: key \"d\" not in dict",
	} {
		_, err := model.Compile("m.star", "z = param('z', prior = normal(0, 1)); M = data['M']\n"+src, data,
			model.CompileOptions{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", src, err, want)
		}
	}
}
