package learn

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func TestObjectiveWords(t *testing.T) {
	for word, want := range map[string]Objective{
		"dsm": ScoreMatching{}, "flow": FlowMatching{}, "edm": Denoising{}, "fokker-planck": FokkerPlanck{},
		"fokker-planck:weight=10": FokkerPlanck{Weight: 10}, "fokker-planck:weight=0.5,rows=4": FokkerPlanck{.5, 4},
		"b+eta": interpolations[4], "s": interpolations[3],
	} {
		got, err := ParseObjective(word)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", word, got, err)
		}
		if back, err := ObjectiveWord(want); err != nil || back != word {
			t.Errorf("%+v has the word %s, %v", want, back, err)
		}
	}
	if got := strings.Join(ObjectiveNames(), ","); got != "dsm,flow,edm,fokker-planck,mixed,cross-entropy,"+
		"b,v,eta,s,b+eta,b+s,v+eta,v+s" {
		t.Error(got)
	}
	for word, want := range map[string]string{
		"dms":                     `unknown objective "dms"; did you mean "dsm"?`,
		"fokker-planck:weight=-1": `objective fokker-planck takes no weight of "-1" (column 22); give weight=0…; the nearest that works is weight=0`,
		"fokker-planck:row=4":     `did you mean "rows"?`,
		"b+eta:x=1":               "objective b+eta has no settings",
	} {
		if o, err := ParseObjective(word); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) ||
			o != nil {
			t.Errorf("%s: %v", word, err)
		}
	}
	if word, err := ObjectiveWord(Interpolation{}); err == nil {
		t.Errorf("no targets have the word %q", word)
	}
}
