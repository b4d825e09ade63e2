package recipe

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// AdoptSchedules puts the schedules that [Tune] found for these numbers of calls, in a copy of m, into m, as if it had
// found them there. Searches for several numbers do not know of each other, so they may be made anywhere.
func AdoptSchedules(m, tuned *ito.Model, nfes []int, guidance float64) error {
	var found []ito.SampleSchedule
	for _, nfe := range nfes {
		i := slices.IndexFunc(tuned.Schedules, func(s ito.SampleSchedule) bool {
			return s.Calls == nfe && s.Guidance == guidance
		})
		if i < 0 {
			return fmt.Errorf("there is no schedule for %d network calls", nfe)
		}
		found = append(found, tuned.Schedules[i])
	}
	adopt(m, found)
	return nil
}

// adopt puts schedules into a model, in the place of those for as many calls and the same guidance.
func adopt(m *ito.Model, found []ito.SampleSchedule) {
	for _, s := range found {
		m.Schedules = slices.DeleteFunc(m.Schedules,
			func(old ito.SampleSchedule) bool { return old.Calls == s.Calls && old.Guidance == s.Guidance })
		m.Schedules = append(m.Schedules, s)
	}
	slices.SortStableFunc(m.Schedules, func(a, b ito.SampleSchedule) int { return a.Calls - b.Calls })
}
