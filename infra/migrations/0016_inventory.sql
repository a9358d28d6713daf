-- Items, their groups and every movement of stock (accounting.md D).
CREATE TABLE "goods_movements" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "goods_movements_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"note" text NOT NULL,
	"sku" text NOT NULL,
	"supplier" text NOT NULL,
	"day" date NOT NULL,
	"received" numeric(24, 6) NOT NULL,
	"received_value" bigint NOT NULL,
	"invoiced" numeric(24, 6) NOT NULL,
	"invoiced_value" bigint NOT NULL,
	"grni" bigint NOT NULL,
	"event_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inventory_groups" (
	"company_id" uuid NOT NULL,
	"number" smallint NOT NULL,
	"description" text NOT NULL,
	"stock_tracked" boolean DEFAULT true NOT NULL,
	"sales_tax" text,
	"purchase_tax" text,
	"sales" text,
	"inventory" text,
	"cost_of_sales" text,
	"count_variance" text,
	"adjustment" text,
	"purchase_variance" text,
	"purchases" text,
	CONSTRAINT "inventory_groups_company_id_number_pk" PRIMARY KEY("company_id","number"),
	CONSTRAINT "inventory_groups_number" CHECK ("inventory_groups"."number" between 1 and 999),
	CONSTRAINT "inventory_groups_account" CHECK ("inventory_groups"."inventory" is not null or not "inventory_groups"."stock_tracked")
);
--> statement-breakpoint
CREATE TABLE "items" (
	"company_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"group_number" smallint NOT NULL,
	"title" text,
	"quantity" numeric(24, 6) DEFAULT '0' NOT NULL,
	"value" bigint DEFAULT 0 NOT NULL,
	"average_quantity" numeric(24, 6),
	"average_value" bigint,
	"last_cost" numeric,
	"last_received" date,
	"reorder_point" numeric(24, 6),
	"reorder_quantity" numeric(24, 6),
	"sales_tax" text,
	"purchase_tax" text,
	CONSTRAINT "items_company_id_sku_pk" PRIMARY KEY("company_id","sku")
);
--> statement-breakpoint
CREATE TABLE "purchase_suggestions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "purchase_suggestions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"on_hand" numeric(24, 6) NOT NULL,
	"quantity" numeric(24, 6) NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"closed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "stock_movements" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "stock_movements_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"group_number" smallint NOT NULL,
	"kind" text NOT NULL,
	"quantity" numeric(24, 6) NOT NULL,
	"value" bigint NOT NULL,
	"on_hand" numeric(24, 6) NOT NULL,
	"on_hand_value" bigint NOT NULL,
	"event_id" bigint,
	"source_key" text NOT NULL,
	"line" smallint NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"posting_date" date NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	CONSTRAINT "stock_movements_kind" CHECK ("stock_movements"."kind" in ('opening', 'receipt', 'issue', 'return', 'count', 'adjustment', 'revaluation', 'correction',
      'transfer'))
);
--> statement-breakpoint
ALTER TABLE "inventory_groups" ADD CONSTRAINT "inventory_groups_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_group_number" FOREIGN KEY ("company_id","group_number") REFERENCES "public"."inventory_groups"("company_id","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purchase_suggestions" ADD CONSTRAINT "purchase_suggestions_company_id_sku_items_company_id_sku_fk" FOREIGN KEY ("company_id","sku") REFERENCES "public"."items"("company_id","sku") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "goods_movements_note" ON "goods_movements" USING btree ("company_id","note","sku");--> statement-breakpoint
CREATE INDEX "goods_movements_event" ON "goods_movements" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "items_group" ON "items" USING btree ("company_id","group_number");--> statement-breakpoint
CREATE UNIQUE INDEX "purchase_suggestions_open" ON "purchase_suggestions" USING btree ("company_id","sku") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "purchase_suggestions_item" ON "purchase_suggestions" USING btree ("company_id","sku");--> statement-breakpoint
CREATE UNIQUE INDEX "stock_movements_once" ON "stock_movements" USING btree ("company_id","source_key","line");--> statement-breakpoint
CREATE INDEX "stock_movements_item" ON "stock_movements" USING btree ("company_id","sku","id");--> statement-breakpoint
CREATE INDEX "stock_movements_event" ON "stock_movements" USING btree ("event_id") WHERE event_id is not null;--> statement-breakpoint
CREATE INDEX "stock_movements_date" ON "stock_movements" USING btree ("company_id","posting_date");
--> statement-breakpoint
CREATE TRIGGER stock_movements_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE TRIGGER goods_movements_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON goods_movements
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
-- D1: the inventory account of a group that was used is fixed while stock is kept in the ledger.
CREATE FUNCTION inventory_group_locked() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.company_id, OLD.number, OLD.inventory, OLD.stock_tracked)
      IS NOT DISTINCT FROM (NEW.company_id, NEW.number, NEW.inventory, NEW.stock_tracked) THEN RETURN NEW; END IF;
  END IF;
  IF (SELECT c.settings->>'inventoryIntegration' FROM companies c WHERE c.id = OLD.company_id) IS DISTINCT FROM 'periodic'
    AND EXISTS (SELECT FROM stock_movements m WHERE m.company_id = OLD.company_id AND m.group_number = OLD.number)
  THEN
    PERFORM refuse('GROUP_ACCOUNT_LOCKED', format('Inventory group %s has had stock on account %s: that account is fixed '
      'while stock is kept in the ledger. Make a new group with the other account and move the items to it.',
      OLD.number, OLD.inventory), OLD.number::text);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
--> statement-breakpoint
CREATE TRIGGER inventory_groups_locked BEFORE UPDATE OR DELETE ON inventory_groups
  FOR EACH ROW EXECUTE FUNCTION inventory_group_locked();
--> statement-breakpoint
-- D2: entries of type INV book movements of stock, or the switch that begins and ends their integration; nothing else.
CREATE FUNCTION journal_entries_stocked() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  bad record;
BEGIN
  SELECT n.source_key INTO bad FROM new_entries n
  WHERE n.entry_type = 'INV' AND n.reverses IS NULL AND n.source_key NOT LIKE 'inventory:switch:%'
    AND (SELECT m.id FROM stock_movements m WHERE m.company_id = n.company_id AND m.source_key = n.source_key LIMIT 1)
      IS NULL
    AND (SELECT g.id FROM goods_movements g WHERE g.event_id = n.event_id LIMIT 1) IS NULL
  LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('EVENT_INVALID', format('Entry %s is of type INV but moves no stock. That type is kept for inventory '
      'integration; use another.', bad.source_key), bad.source_key);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_entries_stocked AFTER INSERT ON journal_entries REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_stocked();
