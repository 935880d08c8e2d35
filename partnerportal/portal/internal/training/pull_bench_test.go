package training_test

import (
	"fmt"
	"testing"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training"
)

// What a record costs of the first reading of a learning system: of a learner, and of somebody whom nobody knows.
func BenchmarkTakeRecords(b *testing.B) {
	for _, test := range []struct {
		name   string
		person func(i int) string
	}{
		{"known", func(i int) string { return fmt.Sprintf("p%d@acmepartners.com", i%200) }},
		{"unknown", func(i int) string { return fmt.Sprintf("p%d@elsewhere.example", i) }},
	} {
		b.Run(test.name, func(b *testing.B) {
			s := open(b)
			var courses []*training.Course
			for i := range 20 {
				courses = append(courses, s.course(fmt.Sprintf("GTX-%d", i)))
			}
			for i := range 200 {
				s.learner(fmt.Sprintf("p%d", i))
			}
			records := make([]source.Record, b.N)
			for i := range records {
				records[i] = source.Record{ID: fmt.Sprint(i), Person: test.person(i), Course: courses[i/200%20].Code, Verb: source.VerbPassed, At: noon}
			}
			b.ResetTimer()
			s.tell(records...)
		})
	}
}
