// Command customers writes a table such as a shop has: a thousand made-up customers with names of cities, dates,
// amounts, codes and gaps that depend on each other. Nobody in it exists.
//
//	go run ./examples/customers > customers.csv
package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/seed9a7962a8/ito/rng"
)

// rows are written.
const rows = 1000

func main() {
	if err := write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(to io.Writer) error {
	w := bufio.NewWriter(to)
	fmt.Fprintln(w, "customer,zip,city,age,member,joined,orders,spent,returned,segment,newsletter")
	key := rng.NewKey(2026, rng.PurposeUser, 0, 0)
	u, z := make([]float64, 8), make([]float64, 4)
	for i := range rows {
		id := []uint64{uint64(i)}
		key.Uniforms64(u, len(u), id)
		key.Normals64(z, len(z), id)
		place := places[pick(u[0], .35, .25, .2, .12, .08)]
		age := int(min(max(math.Round(46+13*z[0]-4*float64(place.young)), 18), 94))
		member := u[1] < 1/(1+math.Exp(-(float64(age)-45)/12))
		joined := start.AddDate(0, 0, int(1400*math.Pow(u[2], .7)))
		for joined.Weekday() == time.Sunday { // the shop is closed
			joined = joined.AddDate(0, 0, 1)
		}
		rate := .6 + .02*float64(age)
		if member {
			rate *= 2.5
		}
		orders := int(rate * math.Exp(.6*z[1]) * (1.2 - u[2]) * 3)
		spent, returned := 0., 0.
		if orders > 0 {
			spent = math.Round(100*float64(orders)*math.Exp(3.2+.4*z[2]+place.rich)) / 100
			returned = math.Floor(100*spent*math.Pow(u[3], 6)) / 100
		}
		segment := "new"
		switch {
		case orders > 8:
			segment = "loyal"
		case orders > 2:
			segment = "regular"
		case orders == 0:
			segment = "silent"
		}
		ages := fmt.Sprint(age)
		if u[4] < .08+.15*b2f(!member) { // who is no member often does not say
			ages = ""
		}
		news := ""
		if u[5] < .9 {
			news = map[bool]string{true: "yes", false: "no"}[u[6] < .3+.4*b2f(member)]
		}
		fmt.Fprintf(w, "C%05d,%s,%s,%s,%t,%s,%d,%.2f,%.2f,%s,%s\n", 10001+i,
			place.zips[int(u[7]*float64(len(place.zips)))],
			place.name, ages, member, joined.Format("02.01.2006"), orders, spent, returned, segment, news)
	}
	return w.Flush()
}

var start = time.Date(2022, 1, 3, 0, 0, 0, 0, time.UTC)

// places are cities with their codes.
var places = []struct {
	name  string
	zips  []string
	young int
	rich  float64
}{
	{"Berlin", []string{"10115", "10245", "10437", "10997"}, 2, .05},
	{"Hamburg", []string{"20095", "20357", "22765"}, 1, .2},
	{"Dresden", []string{"01067", "01099", "01309"}, 0, -.1},
	{"Köln", []string{"50667", "50823"}, 1, .1},
	{"Weimar", []string{"99423"}, -1, -.2},
}

// pick is the place of u among shares.
func pick(u float64, shares ...float64) int {
	for k, s := range shares {
		if u -= s; u < 0 {
			return k
		}
	}
	return len(shares) - 1
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
