-- Cash books (accounting.md F): who keeps and who checks the days of which tills, and how far each day has come.
CREATE TABLE "cash_book_registers" (
	"book_id" uuid NOT NULL,
	"company_id" uuid NOT NULL,
	"register" text NOT NULL,
	CONSTRAINT "cash_book_registers_book_id_register_pk" PRIMARY KEY("book_id","register")
);
--> statement-breakpoint
CREATE TABLE "cash_books" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"name" text NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"currency" char(3) NOT NULL,
	"tolerance" bigint NOT NULL,
	"company_code" text NOT NULL,
	"site" text NOT NULL,
	"auditor" text NOT NULL,
	"clerk" text NOT NULL,
	"cost_centre" text,
	"archived_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "cash_books_name" UNIQUE("company_id","name"),
	CONSTRAINT "cash_books_order" CHECK ("cash_books"."ends_on" >= "cash_books"."starts_on"),
	CONSTRAINT "cash_books_tolerance" CHECK ("cash_books"."tolerance" >= 0)
);
--> statement-breakpoint
CREATE TABLE "cash_day_steps" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "cash_day_steps_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"day_id" bigint NOT NULL,
	"step" text NOT NULL,
	"by" text NOT NULL,
	"comment" text,
	"event_id" bigint,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "cash_day_steps_step" CHECK ("cash_day_steps"."step" in ('submitted', 'corrected', 'approved', 'rejected'))
);
--> statement-breakpoint
CREATE TABLE "cash_days" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "cash_days_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"book_id" uuid NOT NULL,
	"register" text NOT NULL,
	"date" date NOT NULL,
	"draft" jsonb NOT NULL,
	"entry_status" text DEFAULT 'draft' NOT NULL,
	"check_status" text DEFAULT 'unchecked' NOT NULL,
	"clerk" text NOT NULL,
	"comment" text,
	"event_id" bigint,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "cash_days_once" UNIQUE("company_id","register","date"),
	CONSTRAINT "cash_days_entry" CHECK ("cash_days"."entry_status" in ('draft', 'submitted', 'corrected')),
	CONSTRAINT "cash_days_check" CHECK ("cash_days"."check_status" in ('unchecked', 'approved', 'rejected')),
	CONSTRAINT "cash_days_submitted" CHECK ("cash_days"."entry_status" = 'draft' or "cash_days"."event_id" is not null),
	CONSTRAINT "cash_days_approved" CHECK ("cash_days"."check_status" <> 'approved' or "cash_days"."entry_status" <> 'draft')
);
--> statement-breakpoint
ALTER TABLE "cash_book_registers" ADD CONSTRAINT "cash_book_registers_book_id_cash_books_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."cash_books"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cash_books" ADD CONSTRAINT "cash_books_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cash_day_steps" ADD CONSTRAINT "cash_day_steps_day_id_cash_days_id_fk" FOREIGN KEY ("day_id") REFERENCES "public"."cash_days"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cash_days" ADD CONSTRAINT "cash_days_register" FOREIGN KEY ("book_id","register") REFERENCES "public"."cash_book_registers"("book_id","register") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cash_book_registers_register" ON "cash_book_registers" USING btree ("company_id","register");--> statement-breakpoint
CREATE INDEX "cash_day_steps_day" ON "cash_day_steps" USING btree ("day_id","id");--> statement-breakpoint
CREATE INDEX "cash_days_book" ON "cash_days" USING btree ("book_id","register","date");--> statement-breakpoint
CREATE INDEX "events_register" ON "events" USING btree ("company_id",(payload->>'register'),"type") WHERE type in ('cash_day', 'register_close');--> statement-breakpoint
-- A register belongs to one book per day; the days of a book do not change once it has registers.
CREATE FUNCTION cash_book_register_is_free() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  other record;
BEGIN
  PERFORM FROM companies WHERE id = new.company_id FOR NO KEY UPDATE;
  SELECT b.name, b.starts_on, b.ends_on INTO other
  FROM cash_books mine, cash_book_registers r JOIN cash_books b ON b.id = r.book_id
  WHERE mine.id = new.book_id AND r.company_id = new.company_id AND r.register = new.register AND b.id <> mine.id
    AND b.starts_on <= mine.ends_on AND mine.starts_on <= b.ends_on LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'CASH_BOOK_REFUSED: Register % is in the cash book "%" from % to %. Choose other days, or another register.',
      new.register, other.name, other.starts_on, other.ends_on;
  END IF;
  RETURN new;
END $$;--> statement-breakpoint
CREATE TRIGGER cash_book_register_is_free AFTER INSERT ON cash_book_registers
  FOR EACH ROW EXECUTE FUNCTION cash_book_register_is_free();--> statement-breakpoint
CREATE FUNCTION cash_book_days_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'CASH_BOOK_REFUSED: The first and last day of the cash book "%" stay as they are. Start another book.', old.name;
END $$;--> statement-breakpoint
CREATE TRIGGER cash_book_days_stay BEFORE UPDATE OF starts_on, ends_on, company_id, currency ON cash_books
  FOR EACH ROW WHEN ((old.starts_on, old.ends_on, old.company_id, old.currency)
    IS DISTINCT FROM (new.starts_on, new.ends_on, new.company_id, new.currency)) EXECUTE FUNCTION cash_book_days_stay();--> statement-breakpoint
CREATE FUNCTION cash_book_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  book record;
BEGIN
  SELECT name, starts_on, ends_on, archived_at INTO book FROM cash_books WHERE id = coalesce(new.book_id, old.book_id) FOR SHARE;
  IF book.archived_at IS NOT NULL THEN
    RAISE EXCEPTION 'CASH_BOOK_REFUSED: The cash book "%" is archived: it is only read.', book.name;
  END IF;
  IF new.date < book.starts_on OR new.date > book.ends_on THEN
    RAISE EXCEPTION 'CASH_BOOK_REFUSED: The cash book "%" is kept from % to %; % is not one of its days.',
      book.name, book.starts_on, book.ends_on, new.date;
  END IF;
  RETURN coalesce(new, old);
END $$;--> statement-breakpoint
CREATE TRIGGER cash_book_is_open BEFORE INSERT OR UPDATE OR DELETE ON cash_days
  FOR EACH ROW EXECUTE FUNCTION cash_book_is_open();
