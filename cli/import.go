package cli

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/importing"
)

// importCmd is "ito import".
type importCmd struct {
	importing.Config
	JSON bool `name:"json" help:"Print the report as one JSON object"`
}

func (*importCmd) manual() page {
	return page{
		synopsis: "WEIGHTS --as NETWORK --shape N,… --out FILE [--map FILE] [--path WORD] [--predicts KIND]",
		text: []string{
			"Makes a model of weights that another program trained, as PyTorch's state_dict names them in a " +
				"safetensors file. The network is given by its word, and a map says which tensors of the file are " +
				"its own: \"layer{i}.mid\" = \"blocks.{i}.middle\" for every i, a list for tensors that stand one " +
				"behind the other, and ignore = [\"buffers\"] for those that are none of its. What is missing, left " +
				"over or of another shape is refused by its name, with the nearest name that there is.",
			"ito knows the names of the published CSDI, and the order of a Sequential of Linear layers. A number " +
				"that CSDI fills in is a condition, cell.0, cell.1, … in the order of the state.",
			"The path is the one on which the weights were trained, and --predicts what they say on it.",
		},
		examples: [][2]string{
			{"ito import csdi.safetensors --as csdi:impute=true,steps=50 --shape 35,48 --path " +
				"discrete:schedule=scaled_linear,steps=50,beta-start=1e-4,beta-end=.5 --out csdi-ito.safetensors",
				"The published network of CSDI for PhysioNet 2012."},
			{"ito import net.safetensors --as mlp:width=64,time=raw --shape 2 --path flow --predicts velocity " +
				"--out m.safetensors",
				"A Sequential of Linear layers over (x, t)."},
			{"ito import dit.safetensors --as dit:patch=4 --map names.toml --shape 32,32,3 --out m.safetensors",
				"Other names, which a map translates."},
		},
	}
}

// Run implements the command.
func (c *importCmd) Run(ctx context.Context, a *app) error {
	r, err := importing.Run(ctx, c.Config, a.env(nil))
	if err != nil {
		return err
	}
	task.Words(r, a.flagged)
	if c.JSON {
		return a.printJSON(r)
	}
	if err := facts(a.stdout, [][2]string{
		{"model", r.Out},
		{"network", r.Network},
		{"weights", fmt.Sprintf("%d numbers in %d tensors", r.Parameters, r.Tensors)},
		{"path", r.Path + ", predicts " + r.Predicts},
	}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\nnext: ito sample %s -n 16 --out samples.npy\n", shellWord(r.Out))
	return err
}
