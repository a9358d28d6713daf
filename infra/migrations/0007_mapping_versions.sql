-- A mapping can differ per channel and change from a document date on (product.md 1.28); who changed it what stays known.
-- What was mapped before holds for every channel and date.
CREATE TABLE "mapping_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "mapping_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"connection_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"ours" text NOT NULL,
	"channel" text NOT NULL,
	"valid_from" date NOT NULL,
	"before" text,
	"after" text NOT NULL,
	"changed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "mappings" DROP CONSTRAINT "mappings_connection_id_kind_ours_pk";--> statement-breakpoint
ALTER TABLE "mappings" ADD COLUMN "channel" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "mappings" ADD COLUMN "valid_from" date DEFAULT '0001-01-01' NOT NULL;--> statement-breakpoint
ALTER TABLE "mappings" ADD CONSTRAINT "mappings_connection_id_kind_ours_channel_valid_from_pk" PRIMARY KEY("connection_id","kind","ours","channel","valid_from");--> statement-breakpoint
ALTER TABLE "mapping_changes" ADD CONSTRAINT "mapping_changes_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mapping_changes_connection" ON "mapping_changes" USING btree ("connection_id","id");