package draws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// apart are the settings in which the chains of one run may differ, as cmdstanpy has it: which chain it is, where
// it began, when it ran and where it wrote.
var apart = []string{
	"id", "seed", "init", "stepsize", "file", "diagnostic_file", "metric_file", "profile_file", "start_datetime",
	"refresh", "num_threads", "save_cmdstan_config",
	"num_samples",
}

// sameRun refuses a file whose configuration says that it is not of the run of the first: another model, other
// data, another sampler or other settings of it. In files that ito wrote the seed is that of all chains; CmdStan's
// chains may have one each. What one of two files does not say is not compared.
func (c *csvChain) sameRun(first *csvChain) error {
	refuse := func(what string) error {
		return &ito.InputError{Where: c.name, What: what, Do: "name the chains of one run"}
	}
	ours := c.setting(writtenBy) == "ito"
	if ours != (first.setting(writtenBy) == "ito") {
		wrote := map[bool]string{true: "ito wrote it", false: "ito did not write it"}
		return refuse(fmt.Sprintf("%s, and of %s it says the contrary: they are not of one run", wrote[ours],
			first.name))
	}
	times := map[string]int{} // a key may stand in several sections
	for _, s := range c.settings {
		nth := times[s.Key]
		times[s.Key]++
		if slices.Contains(apart, s.Key) && !(ours && s.Key == "seed") {
			continue
		}
		if other, said := first.says(s.Key, nth); said && other != s.Value {
			return refuse(fmt.Sprintf("its setting %s is %s where %s has %s", strings.TrimPrefix(s.Key, settingPrefix),
				short40(s.Value), first.name, short40(other)))
		}
	}
	if c.data != "" && first.data != "" && c.data != first.data {
		return refuse(fmt.Sprintf("its data are %s where %s has %s", short40(c.data), first.name, short40(first.data)))
	}
	return nil
}

// says is the value of a setting, where its key stands for the nth time from 0, and whether there is one.
func (c *csvChain) says(key string, nth int) (string, bool) {
	for _, s := range c.settings {
		if s.Key == key {
			if nth == 0 {
				return s.Value, true
			}
			nth--
		}
	}
	return "", false
}

// short40 is a value for a message, empty ones in quotes.
func short40(s string) string {
	if s == "" {
		return `""`
	}
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return printable(s)
}
