package nn

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

func attentionCases() []layerCase {
	shape := []int{5, 8}
	self := func(name string, a Attention) layerCase {
		return layerCase{name, one(func(s *Scope, x ad.Value) ad.Value { return s.Attention("attn", x, a) }),
			between(shape, shape), nil}
	}
	return []layerCase{
		self("attention", Attention{Heads: 2}),
		self("attention_causal", Attention{Heads: 4, Causal: true}),
		self("attention_hollow", Attention{Heads: 1, Hollow: true}),
		self("attention_rotary", Attention{Heads: 2, Rotary: true}),
		{"attention_masked", traced(func(s *Scope, in Inputs) []ad.Value {
			keys := s.Graph().Const(s.DType(), []float64{1, 0, 1, 1, 0}, 5)
			return []ad.Value{s.Attention("attn", in.X[0], Attention{Heads: 2, Keys: ad.Rows(keys)})}
		}), between(shape, shape), nil},
		{"attention_leading", one(func(s *Scope, x ad.Value) ad.Value {
			return s.Attention("attn", x, Attention{Heads: 2})
		}), between([]int{3, 4, 4}, []int{3, 4, 4}), nil},
		{"attention_bias", traced(func(s *Scope, in Inputs) []ad.Value {
			return []ad.Value{s.Attention("attn", in.X[0], Attention{Heads: 2, Bias: in.X[1]})}
		}), between(shape, shape, []int{2, 5, 5}), nil},
		{"attention_cross", traced(func(s *Scope, in Inputs) []ad.Value {
			return []ad.Value{s.CrossAttention("attn", in.X[0], in.X[1], Attention{Heads: 2})}
		}), between(shape, shape, []int{3, 6}), nil},
		{"embedding", traced(func(s *Scope, in Inputs) []ad.Value {
			return []ad.Value{s.Embedding("emb", in.X[0], 7, 3)}
		}), Ports{X: []Port{{Name: "w", Shape: []int{4}, Levels: 7}}, Out: []Port{{Name: "o", Shape: []int{4, 3}}}},
			func(row []float64) {
				for i := range row {
					row[i] = float64((3*i + 1) % 7)
				}
			}},
	}
}

func TestAttentionRefuses(t *testing.T) {
	for _, c := range []struct {
		shape []int
		a     Attention
		want  string
	}{
		{[]int{5, 6}, Attention{Heads: 4}, "layer deep.attn: 4 heads do not divide 6 channels of [5 6]"},
		{[]int{5, 6}, Attention{}, "0 heads do not divide 6 channels"},
		{[]int{1, 6}, Attention{Heads: 2, Hollow: true}, "hollow attention over 1 position of [1 6] hides all"},
		{[]int{5, 6}, Attention{Heads: 2, Rotary: true}, "rotary positions turn pairs"},
		{[]int{6}, Attention{Heads: 2}, "attention reads positions of channels [...,L,C], not [6]"},
	} {
		net := one(func(s *Scope, x ad.Value) ad.Value { return s.Within("deep").Attention("attn", x, c.a) })
		_, err := New(net, between(c.shape, c.shape), 1)
		var e *ConfigError
		if !errors.As(err, &e) || !strings.Contains(e.What, c.want) {
			t.Errorf("%v over %v: %v, want %q", c.a, c.shape, err, c.want)
		}
	}
	noneLeft := traced(func(s *Scope, in Inputs) []ad.Value {
		return []ad.Value{s.Within("deep").Attention("attn", in.X[0], Attention{Heads: 2, Keys: in.X[1]})}
	})
	c := layerCase{"masked", noneLeft, between([]int{3, 4}, []int{3, 4}, []int{3}), nil}
	w, x, time, _ := c.drawn(t, 2)
	copy(x[12:15], []float64{0, 1, 0})
	clear(x[27:])
	var hidden *ad.MaskError
	if err := c.forward(t, w, x, time); !errors.As(err, &hidden) || hidden.Row != 1 || !errors.Is(err, ito.ErrInput) ||
		!strings.Contains(err.Error(), "layer deep.attn: the mask hides all of 3 keys in row 1; leave one") {
		t.Errorf("a mask that hides all: %v", err)
	}
	c = attentionCases()[8]
	w, x, time, _ = c.drawn(t, 2)
	x[6] = 7
	if err := c.forward(t, w, x, time); !errors.Is(err, ito.ErrInput) ||
		!strings.Contains(err.Error(), "layer emb: index 7 is outside 0…6 in row 1") {
		t.Errorf("a token out of range: %v", err)
	}
	words := Ports{X: []Port{{Name: "w", Shape: []int{4}}}, Out: []Port{{Name: "o", Shape: []int{4, 3}}}}
	_, err := New(one(func(s *Scope, x ad.Value) ad.Value { return s.Embedding("emb", x, 7, 3) }), words, 1)
	if err == nil || !strings.Contains(err.Error(), "embeddings are of tokens") {
		t.Errorf("embeddings of numbers: %v", err)
	}
}
