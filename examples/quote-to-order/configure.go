package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// chooser decides what a person would.
type chooser struct {
	options func(catalog.Group) ([]catalog.Selection, error)
	fix     func([]catalog.Fix) (int, error)
}

// automatic chooses the last option of each group that must have one: more than the frame carries, so that there is something to explain.
var automatic = chooser{
	options: func(g catalog.Group) ([]catalog.Selection, error) {
		if g.Min == 0 {
			return nil, nil
		}
		best := g.Options[len(g.Options)-1]
		return []catalog.Selection{{Group: g.ID, SKU: best.SKU, Quantity: max(1, best.MinQuantity)}}, nil
	},
	fix: func([]catalog.Fix) (int, error) { return 0, nil },
}

// configure chooses options until the portal has nothing against them.
func configure(ctx context.Context, out io.Writer, cat *catalog.Client, sku string, ask chooser) ([]catalog.Selection, error) {
	model, err := cat.GetModel(ctx, sku, catalog.GetModelParams{})
	if err != nil {
		return nil, err
	}
	var selections []catalog.Selection
	for _, group := range model.Groups {
		chosen, err := ask.options(group)
		if err != nil {
			return nil, err
		}
		selections = append(selections, chosen...)
	}
	for range 10 { // each fix is valid, so the second round is the last, unless the model changes meanwhile
		checked, err := cat.Validate(ctx, catalog.ConfigurationCheck{SKU: sku, Selections: selections})
		if err != nil {
			return nil, err
		}
		printChecked(out, checked)
		if checked.Valid {
			return checked.Selections, nil
		}
		broken := slices.IndexFunc(checked.Violations, func(v catalog.Violation) bool { return len(v.Fixes) > 0 })
		if broken < 0 {
			break
		}
		n, err := ask.fix(checked.Violations[broken].Fixes)
		if err != nil {
			return nil, err
		}
		selections = checked.Violations[broken].Fixes[n].Selections
	}
	return nil, errors.New("the portal knows no way to make this valid; choose other options")
}

func printChecked(out io.Writer, v *catalog.Validation) {
	if v.Valid {
		fmt.Fprintf(out, "The configuration is valid:\n")
		for _, s := range v.Selections {
			fmt.Fprintf(out, "  %-10s %d x %s\n", s.Group, s.Quantity, s.SKU)
		}
		fmt.Fprintln(out)
		return
	}
	fmt.Fprintln(out, "The configuration is not valid:")
	for _, broken := range v.Violations {
		fmt.Fprintf(out, "  %s\n", broken.Message)
		for i, fix := range broken.Fixes {
			fmt.Fprintf(out, "    %d. %s\n", i+1, words(fix.Changes))
		}
	}
}

// words says in words what a fix does.
func words(changes []catalog.Change) string {
	var steps []string
	for _, c := range changes {
		switch c.Op {
		case catalog.OpAdd:
			steps = append(steps, fmt.Sprintf("add %d x %s", c.Quantity, c.SKU))
		case catalog.OpRemove:
			steps = append(steps, "leave out "+c.SKU)
		default:
			steps = append(steps, fmt.Sprintf("take %d x %s", c.Quantity, c.SKU))
		}
	}
	return strings.Join(steps, ", ")
}

// interactive asks a person in the terminal, until the context ends.
func interactive(ctx context.Context, in io.Reader, out io.Writer) chooser {
	typed := lines(ctx, in)
	return chooser{
		options: func(g catalog.Group) ([]catalog.Selection, error) {
			fmt.Fprintf(out, "%s, %s:\n", cmp.Or(g.Title, g.ID), bounds(g))
			for i, o := range g.Options {
				fmt.Fprintf(out, "  %d. %s\n", i+1, cmp.Or(o.Title, o.SKU))
			}
			numbers, err := askNumbers(ctx, typed, out, len(g.Options), g.Min == 0, g.Max != 1)
			if err != nil {
				return nil, err
			}
			var chosen []catalog.Selection
			for _, n := range numbers {
				chosen = append(chosen, catalog.Selection{Group: g.ID, SKU: g.Options[n].SKU, Quantity: max(1, g.Options[n].MinQuantity)})
			}
			return chosen, nil
		},
		fix: func(fixes []catalog.Fix) (int, error) {
			numbers, err := askNumbers(ctx, typed, out, len(fixes), false, false)
			if err != nil {
				return 0, err
			}
			return numbers[0], nil
		},
	}
}

func bounds(g catalog.Group) string {
	switch {
	case g.Min == 1 && g.Max == 1:
		return "choose one"
	case g.Min == 0 && g.Max == 1:
		return "choose one or none (Enter)"
	case g.Min == 0:
		return "choose any, such as 1 3, or none (Enter)"
	}
	return fmt.Sprintf("choose at least %d, such as 1 3", g.Min)
}

// lines reads what is typed, line by line, beside those who wait for it: reading a terminal does not end when somebody interrupts the program.
func lines(ctx context.Context, in io.Reader) <-chan string {
	typed := make(chan string)
	go func() {
		defer close(typed)
		for scan := bufio.NewScanner(in); scan.Scan(); {
			select {
			case typed <- scan.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return typed
}

// askNumbers asks until the answer is numbers from 1 to n, and returns them counted from 0.
func askNumbers(ctx context.Context, typed <-chan string, out io.Writer, n int, none, many bool) ([]int, error) {
	for {
		fmt.Fprint(out, "> ")
		var answer string
		select {
		case line, open := <-typed:
			if !open {
				return nil, fmt.Errorf("nothing was ordered: the input ended before all was chosen: %w", io.ErrUnexpectedEOF)
			}
			answer = line
		case <-ctx.Done():
			return nil, fmt.Errorf("nothing was ordered: %w", ctx.Err())
		}
		var numbers []int
		ok := true
		for word := range strings.FieldsSeq(answer) {
			number, err := strconv.Atoi(word)
			ok = ok && err == nil && number >= 1 && number <= n && !slices.Contains(numbers, number-1)
			numbers = append(numbers, number-1)
		}
		if ok && (len(numbers) > 0 || none) && (len(numbers) < 2 || many) {
			return numbers, nil
		}
		fmt.Fprintf(out, "Type a number from 1 to %d.\n", n)
	}
}
