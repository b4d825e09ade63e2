package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// machine runs the few instructions of a product's routine, so that what a processor without AVX-512 cannot run is
// tried all the same: the words of VPDPBUSD are decoded, and do what Intel's manual says.
type machine struct {
	mem    []byte
	frame  map[string]int64
	r      map[string]int64
	z      [32][16]uint32
	k      [8]uint64
	sign   int // of the last result: -1, 0, 1
	labels map[string]int
	code   []string
}

var place = regexp.MustCompile(`^(-?(?:0x)?[0-9a-f]*)\((\w+)\)(?:\((\w+)\*(\d)\))?$`)

func number(t *testing.T, s string) int64 {
	v, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		u, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			t.Fatal(err)
		}
		v = int64(u)
	}
	return v
}

// address is that of a place in memory.
func (m *machine) address(t *testing.T, op string) int64 {
	p := place.FindStringSubmatch(op)
	if p == nil {
		t.Fatalf("no place: %q", op)
	}
	at := m.r[p[2]]
	if p[1] != "" {
		at += number(t, p[1])
	}
	if p[3] != "" {
		at += m.r[p[3]] * number(t, p[4])
	}
	return at
}

// value is that of a general operand.
func (m *machine) value(t *testing.T, op string) int64 {
	switch {
	case strings.HasPrefix(op, "$"):
		return number(t, op[1:])
	case strings.HasSuffix(op, "(FP)"):
		name, _, _ := strings.Cut(op, "+")
		return m.frame[name]
	}
	return m.r[op]
}

func vector(op string) int {
	n, _ := strconv.Atoi(op[1:])
	return n
}

// dot is VPDPBUSD of the six bytes of an instruction.
func (m *machine) dot(t *testing.T, b []byte) {
	if b[0] != 0x62 || b[4] != 0x50 || b[1]&0xf != 2 || b[2]&0x87 != 5 || b[3]&0xf7 != 0x40 {
		t.Fatalf("% x is not VPDPBUSD of registers of 512 bits", b)
	}
	not := func(x byte, at int) int { return int(x>>at&1 ^ 1) }
	dst := int(b[5]>>3&7) | not(b[1], 7)<<3 | not(b[1], 4)<<4
	first := int(^b[2]>>3&15) | not(b[3], 3)<<4
	second := int(b[5]&7) | not(b[1], 5)<<3 | not(b[1], 6)<<4
	for i := range 16 {
		sum := int32(m.z[dst][i])
		for s := 0; s < 32; s += 8 {
			sum += int32(m.z[first][i]>>s&255) * int32(int8(m.z[second][i]>>s))
		}
		m.z[dst][i] = uint32(sum)
	}
}

// run interprets the routine.
func (m *machine) run(t *testing.T) {
	var words []byte
	for pc := 0; pc < len(m.code); pc++ {
		line := m.code[pc]
		name, rest, _ := strings.Cut(line, " ")
		var o []string
		for _, s := range strings.Split(strings.TrimSpace(rest), ", ") {
			o = append(o, strings.TrimSpace(s))
		}
		last := o[len(o)-1]
		set := func(v int64) {
			m.r[last] = v
			m.sign = 0
			if v != 0 {
				m.sign = 1
				if v < 0 {
					m.sign = -1
				}
			}
		}
		compare := func(d int64) { m.sign = int(max(min(d, 1), -1)) }
		jump := false
		switch name {
		case "STMXCSR", "LDMXCSR", "ORL", "MOVL", "PREFETCHT0", "VZEROUPPER":
		case "MOVQ":
			m.r[last] = m.value(t, o[0])
		case "ADDQ":
			set(m.r[last] + m.value(t, o[0]))
		case "SUBQ":
			set(m.r[last] - m.value(t, o[0]))
		case "DECQ":
			set(m.r[last] - 1)
		case "SHLQ":
			set(m.r[last] << m.value(t, o[0]))
		case "SHRQ":
			set(int64(uint64(m.r[last]) >> m.value(t, o[0])))
		case "IMUL3Q":
			m.r[last] = m.value(t, o[0]) * m.value(t, o[1])
		case "LEAQ":
			m.r[last] = m.address(t, o[0])
		case "BZHIQ":
			m.r[last] = m.r[o[1]] & (1<<m.r[o[0]] - 1)
		case "CMPQ":
			compare(m.value(t, o[0]) - m.value(t, o[1]))
		case "TESTQ":
			compare(m.r[o[0]] & m.r[o[1]])
		case "KMOVW":
			m.k[vector(last)] = uint64(m.r[o[0]]) & 0xffff
		case "JMP":
			jump = true
		case "JEQ":
			jump = m.sign == 0
		case "JNE":
			jump = m.sign != 0
		case "JLT":
			jump = m.sign < 0
		case "JLE":
			jump = m.sign <= 0
		case "JGE":
			jump = m.sign >= 0
		case "VPXORD":
			for i := range 16 {
				m.z[vector(last)][i] = m.z[vector(o[0])][i] ^ m.z[vector(o[1])][i]
			}
		case "VPADDD":
			for i := range 16 {
				m.z[vector(last)][i] = m.z[vector(o[0])][i] + m.z[vector(o[1])][i]
			}
		case "VPMADDWD":
			for i := range 16 {
				x, y := m.z[vector(o[0])][i], m.z[vector(o[1])][i]
				m.z[vector(last)][i] = uint32(int32(int16(x))*int32(int16(y)) + int32(int16(x>>16))*int32(int16(y>>16)))
			}
		case "VBROADCASTSS":
			v := binary.LittleEndian.Uint32(m.mem[m.address(t, o[0]):])
			for i := range 16 {
				m.z[vector(last)][i] = v
			}
		case "VMOVUPS", "VMOVUPS.Z":
			mask := uint64(0xffff)
			if len(o) == 3 {
				mask = m.k[vector(o[1])]
			}
			for i := range 16 {
				on := mask>>i&1 == 1
				if strings.HasPrefix(last, "Z") {
					m.z[vector(last)][i] = 0
					if on {
						m.z[vector(last)][i] = binary.LittleEndian.Uint32(m.mem[m.address(t, o[0])+4*int64(i):])
					}
				} else if on {
					binary.LittleEndian.PutUint32(m.mem[m.address(t, last)+4*int64(i):], m.z[vector(o[0])][i])
				}
			}
		case "LONG":
			words = binary.LittleEndian.AppendUint32(nil, uint32(m.value(t, o[0])))
		case "WORD":
			m.dot(t, binary.LittleEndian.AppendUint16(words, uint16(m.value(t, o[0]))))
		case "RET":
			return
		default:
			t.Fatalf("no instruction of a product: %q", line)
		}
		if jump {
			pc = m.labels[last] - 1
		}
	}
}

// routine reads one of the committed files.
func routine(t *testing.T, name string) *machine {
	text, err := os.ReadFile("../../z_gemm_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	_, body, ok := strings.Cut(string(text), "TEXT ·"+name+"(SB)")
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	body, _, _ = strings.Cut(body, "\nTEXT ")
	m := &machine{labels: map[string]int{}, r: map[string]int64{}}
	for _, line := range strings.Split(body, "\n")[1:] {
		line = strings.TrimSpace(line)
		if label, ok := strings.CutSuffix(line, ":"); ok {
			m.labels[label] = len(m.code)
		} else if line != "" && !strings.HasPrefix(line, "//") {
			m.code = append(m.code, line)
		}
	}
	return m
}

// TestProductsInterpreted runs the products of words that need AVX-512, instruction by instruction, on every number of
// columns and rows up to beyond a block, and compares them with the definition; nothing else is written.
func TestProductsInterpreted(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"gemmNNI8Z", "gemmNNI16Z"} {
		machine := routine(t, name)
		for n := 1; n <= 32; n++ {
			for _, rows := range []int{1, 2, 7, 8, 9, 11, 12, 13, 17, 25} {
				k, acc := 1+r.IntN(11), int64(r.IntN(2))
				ldc, lda, ldb := n+r.IntN(3), k+r.IntN(3), 32
				sizes := [3]int{(rows-1)*ldc + n, (rows-1)*lda + k, k * ldb}
				at := [3]int{64, 128 + 4*sizes[0], 192 + 4*sizes[0] + 4*sizes[1]}
				machine.mem = make([]byte, at[2]+4*sizes[2]+64)
				for i := range machine.mem {
					machine.mem[i] = byte(r.Uint32())
				}
				word := func(which, i int) *[4]byte { return (*[4]byte)(machine.mem[at[which]+4*i:]) }
				if name == "gemmNNI16Z" { // bytes in words of 16 bits
					for i := range sizes[1] {
						word(1, i)[1], word(1, i)[3] = 0, 0
					}
				}
				before := append([]byte(nil), machine.mem...)
				want := append([]byte(nil), machine.mem...)
				get := func(which, i int) uint32 { return binary.LittleEndian.Uint32(before[at[which]+4*i:]) }
				for i := range rows {
					for j := range n {
						sum := int32(0)
						if acc != 0 {
							sum = int32(get(0, i*ldc+j))
						}
						for p := range k {
							a, b := get(1, i*lda+p), get(2, p*ldb+j)
							if name == "gemmNNI16Z" {
								sum += int32(int16(a))*int32(int16(b)) + int32(int16(a>>16))*int32(int16(b>>16))
								continue
							}
							for s := 0; s < 32; s += 8 {
								sum += int32(uint8(a>>s)) * int32(int8(b>>s))
							}
						}
						binary.LittleEndian.PutUint32(want[at[0]+4*(i*ldc+j):], uint32(sum))
					}
				}
				machine.frame = map[string]int64{"c": int64(at[0]), "ldc": int64(ldc), "a": int64(at[1]),
					"lda": int64(lda), "b": int64(at[2]), "ldb": int64(ldb), "m": int64(rows), "n": int64(n),
					"k": int64(k), "acc": acc}
				machine.run(t)
				if string(machine.mem) != string(want) {
					t.Fatal(fmt.Sprintf("%s: %d×%d×%d, rows %d, %d and %d apart, acc %d: wrong", name, rows, n, k, ldc, lda,
						ldb, acc))
				}
			}
		}
	}
}
