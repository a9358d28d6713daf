-- What people, bank statements and imports enter belongs to a connection of the company's own and goes the way of all facts.
ALTER TABLE "connections" DROP CONSTRAINT "connections_kind";--> statement-breakpoint
ALTER TABLE "deliveries" DROP CONSTRAINT "deliveries_via";--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_kind" CHECK ("connections"."kind" in ('sales', 'accounting', 'entered'));--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_via" CHECK ("deliveries"."via" in ('webhook', 'poll', 'backfill', 'entered'));