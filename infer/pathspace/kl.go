package pathspace

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
)

// KL is the loss E R over paths of the present control u, which is KL(paths of u | paths of the target) − log Z: the
// usual loss of PIS, DDS and DIS. Its gradient passes through the paths, and through the score that the control looks
// at: one pass of the network and one Hessian-vector product of log ρ a step, backward. States, scores and noise of all
// steps are kept, 3·K·B·D numbers, and so the target is evaluated once. It needs a target with exact Hessian-vector
// products ([ito.HVPer]): model files, compiled densities and the zoo have them.
type KL struct{}

// Name implements PathLoss.
func (KL) Name() string { return "kl" }

// Fits implements PathLoss.
func (KL) Fits(t ito.Target) error {
	if _, ok := t.(ito.HVPer); !ok {
		return &ito.InputError{Where: "kl", What: fmt.Sprintf("the loss differentiates through the paths, whose "+
			"control looks at ∇log ρ, and %T has no Hessian-vector products", t),
			Do: "write the target as a traced density or a model file, or train by log-variance, which needs " +
				"gradients alone"}
	}
	return nil
}

// Held implements PathLoss.
func (KL) Held() bool { return false }

// Trace implements PathLoss: Σ R over the number of paths and the dimension.
func (KL) Trace(cost, fine, kept ad.Value) (sum, over ad.Value) {
	return ad.BatchSum(ad.Select(fine, cost, ad.Zeros(cost))), kept
}

// Value implements PathLoss.
func (KL) Value(l infer.TrainingReport, d int) float64 { return -l.ELBO / float64(d) }
