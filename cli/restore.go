package cli

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/task/restore"
)

// restoreCmd is "ito restore".
type restoreCmd struct {
	restore.Config
	JSON bool `name:"json" help:"Print the report as one JSON object"`
}

func (*restoreCmd) manual() page {
	return page{
		synopsis: "MODEL MEASURED --operator WORD --out DIR/ [--noise S] [--method NAME] [-n N] [--simulate]",
		text: []string{
			"Draws images or rows that a measurement leaves possible, with the model as the prior. Operators: " +
				"identity, mask (keep, seed, box, file), blur (sigma), motion (length, angle), downsample (factor), " +
				"bicubic (factor), random (measurements, ratio, seed), fourier (accel, centre, seed), radon (angles, " +
				"to), grey (luma), phase (oversample), clip (low, high, gain), quantise (levels, low, high), " +
				"jpeg (quality) and linear, a matrix of an .npy file.",
			"While an image is restored its pixels run from 0 to 1, and so do noise, operators and measurements: a " +
				"picture is read so, an .npy file of measurements must hold what the operator makes of such " +
				"pixels. Rows of a table are in their own units.",
			"Of a table --operator mask takes the empty cells of each row as not measured, and draws them jointly " +
				"given the others. Tables with columns of words, dates or whole numbers are for ito impute.",
			"A method is a posterior, exact in a limit (mcg, and gibbs where many numbers are measured); an " +
				"approximate posterior (moments, which is exact for Gaussian data, pigdm, dps, ddrm, diffpir, " +
				"repaint, replace), whose spread may be too wide or narrow; or a point estimate (reddiff). The " +
				"report says which; ito bench inverse measures them against exact ones.",
		},
		files: [][2]string{
			{"DIR/samples", ".npy of shape [measurements, n, …], of a table .csv; with mean.npy, sd.npy and " +
				"report.json"},
			{"DIR/0000-mean.png", "of images, also -sd, -samples and -measured, of the first hundred measurements"},
		},
		examples: [][2]string{
			{"ito restore digits.safetensors blurred.png --operator blur:sigma=2 --noise .025 -n 8 --out r/",
				"Eight sharp images of a blurred one."},
			{"ito restore digits.safetensors test.npy --simulate --operator 'blur:sigma=1|downsample' --out r/",
				"Measure images of a file first, and tell the error of what is restored."},
			{"ito restore digits.safetensors test.npy --simulate --operator downsample:factor=4 --starts 100 -n 1 " +
				"--out r/", "Super-resolution from the best of a hundred starts, beside controls."},
			{"ito restore m.safetensors y.csv --operator mask --noise .01 -n 2000 --out p.csv",
				"The joint posterior of the empty cells of each row."},
		},
	}
}

// Run implements the command.
func (c *restoreCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := restore.Run(ctx, c.Config, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	number := func(x *float64, format string) string {
		if x == nil {
			return ""
		}
		return fmt.Sprintf(format, *x)
	}
	percent := func(x *float64) *float64 {
		if x == nil {
			return nil
		}
		y := 100 * *x
		return &y
	}
	plain := ""
	if r.PlainRMSE != nil {
		plain = fmt.Sprintf("error %.4g", *r.PlainRMSE)
	}
	if r.PlainPSNR != nil {
		plain = fmt.Sprintf("%s, %.2f dB", plain, *r.PlainPSNR)
	}
	if plain != "" {
		plain += ", of ridge regression"
	}
	searched := ""
	if s := r.Start; s != nil {
		searched = fmt.Sprintf("error %.4g from the best of %d starts on %d images; %.4g by chance, %.4g from the "+
			"middle", s.Searched, s.Candidates, s.References, s.Chance, s.Zero)
	}
	if err := facts(a.stdout, [][2]string{
		{"measurements", fmt.Sprintf("%d of %d numbers, %d draws of each", r.Measurements, r.Measured, r.Draws)},
		{"method", fmt.Sprintf("%s, %s, %d levels, %d network calls a draw", r.Method, r.Is, r.Levels, r.Evals)},
		{"residual", fmt.Sprintf("%.4g, noise %.4g", r.Residual, r.Noise)},
		{"sd of the draws", fmt.Sprintf("%.4g", r.SD)},
		{"error of the mean", number(r.RMSE, "%.4g")},
		{"PSNR of the mean", number(r.PSNR, "%.2f dB")},
		{"without a model", plain},
		{"searched start", searched},
		{"truth in 50 %", number(percent(r.Within50), "%.1f %%")},
		{"truth in 90 %", number(percent(r.Within90), "%.1f %%")},
		{"seconds", fmt.Sprintf("%.2f", r.Seconds)},
	}); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, r.Says)
	return err
}
