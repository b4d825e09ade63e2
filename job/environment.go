package job

import (
	"fmt"
	"strconv"

	"github.com/seed9a7962a8/ito"
)

// FromEnvironment finds the index that Kubernetes (JOB_COMPLETION_INDEX) or SLURM (SLURM_ARRAY_TASK_ID) gave this
// process, and of how many it is one: ITO_JOB_OF, or of SLURM_ARRAY_TASK_COUNT; without either there is a process for
// each shard. found is false where neither started it.
func FromEnvironment(lookup func(string) (string, bool), shards int) (x Indexed, found bool, err error) {
	number := func(name string) (int, bool, error) {
		text, ok := lookup(name)
		if !ok || text == "" {
			return 0, false, nil
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return 0, true, &ito.InputError{Where: name, What: fmt.Sprintf("%q is no whole number from 0", text),
				Do: "leave it to the scheduler"}
		}
		return n, true, nil
	}
	of, own, err := number("ITO_JOB_OF")
	if err != nil {
		return x, false, err
	}
	x.Of = shards
	if own {
		x.Of = of
	}
	i, kubernetes, err := number("JOB_COMPLETION_INDEX")
	where := "JOB_COMPLETION_INDEX"
	if err != nil {
		return x, false, err
	}
	if !kubernetes {
		var slurm bool
		where = "SLURM_ARRAY_TASK_ID"
		if i, slurm, err = number(where); err != nil || !slurm {
			return x, false, err
		}
		first, _, err := number("SLURM_ARRAY_TASK_MIN")
		if err != nil {
			return x, false, err
		}
		count, counted, err := number("SLURM_ARRAY_TASK_COUNT")
		if err != nil {
			return x, false, err
		}
		last, _, err := number("SLURM_ARRAY_TASK_MAX")
		if err != nil {
			return x, false, err
		}
		if step := 1; counted && count > 1 { // --array=0-9:2
			if step = (last - first) / (count - 1); step > 1 {
				first, i = 0, (i-first)/step
			}
		}
		i -= first
		if counted && !own {
			x.Of = count
		}
	}
	if x.Of < 1 || i < 0 || i >= x.Of {
		return x, false, &ito.InputError{Where: where, What: fmt.Sprintf("process %d of %d, numbered from 0", i, x.Of),
			Do: "start as many as ITO_JOB_OF says, or one for each shard"}
	}
	x.Index = i
	return x, true, nil
}
