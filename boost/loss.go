package boost

import "math"

// loss gives the derivatives of a loss with respect to the scores [n,k] of the rows.
type loss interface {
	// start is the best score that is equal for all rows, one for each output.
	start() []float64
	// begin is called once a round, before the trees of its outputs.
	begin(scores []float64)
	derivatives(grad, hess, scores []float64, out int)
}

func newLoss(classes int, y []float64) loss {
	switch classes {
	case 0:
		return squared{y}
	case 2:
		return logistic{y}
	}
	return &softmaxLoss{y: y, k: classes, p: make([]float64, len(y)*classes)}
}

// squared is (s−y)²/2.
type squared struct{ y []float64 }

func (l squared) start() []float64 {
	mean := 0.0
	for i, v := range l.y {
		mean += (v - mean) / float64(i+1)
	}
	return []float64{mean}
}

func (squared) begin([]float64) {}

func (l squared) derivatives(grad, hess, scores []float64, _ int) {
	for i, s := range scores {
		grad[i], hess[i] = s-l.y[i], 1
	}
}

// leastShare keeps the score of a class that does not occur finite.
const leastShare = 1e-15

// shares are the frequencies of k classes.
func shares(y []float64, k int) []float64 {
	p := make([]float64, k)
	for _, v := range y {
		p[int(v)] += 1 / float64(len(y))
	}
	for i := range p {
		p[i] = min(max(p[i], leastShare), 1-leastShare)
	}
	return p
}

// logistic is log(1 + e^{−(2y−1)s}).
type logistic struct{ y []float64 }

func (l logistic) start() []float64 {
	p := shares(l.y, 2)
	return []float64{math.Log(p[1] / p[0])}
}

func (logistic) begin([]float64) {}

func (l logistic) derivatives(grad, hess, scores []float64, _ int) {
	for i, s := range scores {
		p := 1 / (1 + math.Exp(-s))
		grad[i], hess[i] = p-l.y[i], p*(1-p)
	}
}

// softmaxLoss is −log p_y with p = softmax(s). The second derivative counts k/(k−1) times, which is exact for two
// classes that share one score (Friedman 2001, algorithm 6).
type softmaxLoss struct {
	y []float64
	k int
	p []float64
}

func (l *softmaxLoss) start() []float64 {
	s := shares(l.y, l.k)
	for i, p := range s {
		s[i] = math.Log(p)
	}
	return s
}

func (l *softmaxLoss) begin(scores []float64) {
	for i := range l.y {
		softmax(l.p[i*l.k:(i+1)*l.k], scores[i*l.k:(i+1)*l.k])
	}
}

func (l *softmaxLoss) derivatives(grad, hess, _ []float64, out int) {
	factor := float64(l.k) / float64(l.k-1)
	for i, v := range l.y {
		p := l.p[i*l.k+out]
		grad[i], hess[i] = p, factor*p*(1-p)
		if int(v) == out {
			grad[i]--
		}
	}
}

func softmax(dst, scores []float64) {
	top := math.Inf(-1)
	for _, s := range scores {
		top = max(top, s)
	}
	sum := 0.0
	for i, s := range scores {
		dst[i] = math.Exp(s - top)
		sum += dst[i]
	}
	for i := range dst {
		dst[i] /= sum
	}
}
