package webhook_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// The published vectors of Standard Webhooks and of Svix, which wrote the scheme.
var vectors = []struct {
	source    string
	sign      string // the key that signs
	verify    string // the key that verifies
	id        string
	timestamp int64
	body      string
	signature string
}{
	{
		"standard-webhooks, TestWebhookSign in eight languages",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, `{"test": 2432232314}`,
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	},
	{
		"standard-webhooks, Rust test_sign",
		"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
		"msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553, `{"email":"test@example.com","username":"test_user"}`,
		"v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
	},
	{
		"svix-server test_asymmetric_key_signing, the signature printed in the specification",
		"whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
		"whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
		"msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, `{"test": 2432232314}`,
		"v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
	},
	{
		"standard-webhooks pull request 253, a 32-byte seed",
		"whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=", "",
		"msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, `{"test": 2432232314}`,
		"v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
	},
}

func TestPublishedVectors(t *testing.T) {
	t.Parallel()
	for _, c := range vectors {
		t.Run(c.source, func(t *testing.T) {
			t.Parallel()
			key, err := webhook.ParseKey(c.sign)
			require.NoError(t, err)
			s, err := webhook.NewSigner(key)
			require.NoError(t, err)
			got, err := s.Sign(c.id, time.Unix(c.timestamp, 0), []byte(c.body))
			require.NoError(t, err)
			assert.Equal(t, c.signature, got)

			verifying := key
			if public, ok := key.Public(); ok {
				verifying = public
				if c.verify != "" {
					assert.Equal(t, c.verify, public.Reveal())
				}
			}
			v, err := webhook.NewVerifier(webhook.StaticKeys(verifying), webhook.WithClock(func() time.Time { return time.Unix(c.timestamp, 0) }))
			require.NoError(t, err)
			h := make(map[string][]string)
			require.NoError(t, s.SetHeaders(h, c.id, time.Unix(c.timestamp, 0), []byte(c.body)))
			d, err := v.Verify(h, []byte(c.body))
			require.NoError(t, err)
			assert.Equal(t, c.id, d.ID)
			assert.Equal(t, c.timestamp, d.Timestamp.Unix())
		})
	}
}

// TestFIPSMode runs the vectors and the comparison with crypto/hmac where our own construction of the HMAC is not used.
func TestFIPSMode(t *testing.T) {
	t.Parallel()
	if os.Getenv("GODEBUG") != "" {
		t.Skip("GODEBUG is set already")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^(TestPublishedVectors|TestAgreesWithHMAC)$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=on")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "--- PASS: TestAgreesWithHMAC")
}
