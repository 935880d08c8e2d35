// Package sqltest tests webhook.SQLStore on real databases: SQLite always, PostgreSQL when PARTNERPORTAL_TEST_POSTGRES names one.
package sqltest
