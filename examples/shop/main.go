// Command shop writes two tables that belong together, such as a shop has: four hundred made-up customers and their
// orders. How many orders a customer has, when, of what and for how much depends on the customer, and an order on the
// one before it. Nobody in it exists.
//
//	go run ./examples/shop examples/shop
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/seed9a7962a8/ito/rng"
)

// customers are written.
const customers = 400

func main() {
	dir := "."
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	if err := both(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func both(dir string) error {
	a, err := os.Create(filepath.Join(dir, "customers.csv"))
	if err != nil {
		return err
	}
	b, err := os.Create(filepath.Join(dir, "orders.csv"))
	if err != nil {
		return errors.Join(err, a.Close())
	}
	return errors.Join(write(a, b), a.Close(), b.Close())
}

var cities = []struct {
	name string
	rich float64
}{{"Berlin", .1}, {"Hamburg", .25}, {"Jena", -.1}, {"Weimar", -.2}}

func write(to, orders io.Writer) error {
	a, b := bufio.NewWriter(to), bufio.NewWriter(orders)
	fmt.Fprintln(a, "customer_id,city,age,member,joined")
	fmt.Fprintln(b, "order_id,customer_id,day,kind,items,amount,coupon")
	key := rng.NewKey(2026, rng.PurposeUser, 1, 0)
	u, z := make([]float64, 160), make([]float64, 160)
	order := 1
	for i := range customers {
		id := []uint64{uint64(i)}
		key.Uniforms64(u, len(u), id)
		key.Normals64(z, len(z), id)
		city := cities[pick(u[0], .4, .3, .2, .1)]
		age := int(min(max(math.Round(45+14*z[0]), 18), 90))
		member := u[1] < 1/(1+math.Exp(-(float64(age)-45)/12))
		joined := start.AddDate(0, 0, int(900*u[2]))
		fmt.Fprintf(a, "C%04d,%s,%d,%s,%s\n", 1001+i, city.name, age, yesOrNo(member), joined.Format("2006-01-02"))
		rate := .5 + .03*float64(age)
		if member {
			rate *= 2
		}
		day, taste := joined, u[3]
		for k := range poisson(rate, u[4]) {
			p, q := u[5+3*min(k, 45):], z[1+2*min(k, 45):]
			day = day.AddDate(0, 0, 1+int(-60*math.Log(p[0])))
			kind, price := "book", 12.
			switch one := .6*taste + .4*p[1]; {
			case one > .7:
				kind, price = "garden", 45
			case one > .45:
				kind, price = "kitchen", 28
			}
			items := 1 + poisson(.8, p[2])
			amount := float64(items) * price * math.Exp(.25*q[0]+city.rich)
			coupon := ""
			if member && q[1] > .8 {
				coupon = []string{"SPRING", "HELLO", "TEN"}[min(int(3*p[1]), 2)]
			}
			fmt.Fprintf(b, "%d,C%04d,%s,%s,%d,%.2f,%s\n", order, 1001+i, day.Format("2006-01-02"), kind, items, amount,
				coupon)
			order++
		}
	}
	return errors.Join(a.Flush(), b.Flush())
}

var start = time.Date(2022, 1, 3, 0, 0, 0, 0, time.UTC)

// pick is the place of u among shares.
func pick(u float64, shares ...float64) int {
	for k, s := range shares {
		if u -= s; u < 0 {
			return k
		}
	}
	return len(shares) - 1
}

// poisson is the inverse of its distribution function.
func poisson(rate, u float64) int {
	n, p := 0, math.Exp(-rate)
	for u -= p; u > 0 && n < 40; u -= p {
		n++
		p *= rate / float64(n)
	}
	return n
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
