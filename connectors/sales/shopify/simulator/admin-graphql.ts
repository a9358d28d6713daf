import {
  type DocumentNode,
  execute,
  type FormattedExecutionResult,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { graphqlRoot, type RootContext } from './graphql-root.ts';
import { schema } from './graphql-schema.ts';
import type { Bucket } from './limits.ts';
import { orderSearch } from './order-search.ts';
import { type CostQuestion, queryCost } from './query-cost.ts';

/** No single query may ask for more points than this. */
const LARGEST_COST = 1000;

export interface GraphqlRequest {
  query: string;
  variables?: Record<string, unknown> | null;
  operationName?: string | null;
}

type Answer = Record<string, unknown>;

/**
 * Answers one GraphQL request as the Admin API does: always HTTP 200; unknown fields refused, queries above 1000 points
 * refused, THROTTLED when the shop's bucket is too empty, and the cost of everything that ran in `extensions.cost`.
 */
export async function answerGraphql(request: GraphqlRequest, context: RootContext, points: Bucket): Promise<Answer> {
  const prepared = prepare(request);
  if ('errors' in prepared) return { errors: prepared.errors };
  const { document, question } = prepared;
  let requested: number;
  try {
    requested = queryCost(question);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { errors: [error.toJSON()] };
  }
  if (requested > LARGEST_COST) return { errors: [tooCostly(requested)] };
  if (!points.take(requested)) return { errors: [throttled()], extensions: { cost: cost(requested, null, points) } };
  const result = (await execute({
    schema,
    document,
    rootValue: graphqlRoot(context),
    variableValues: request.variables ?? {},
    operationName: request.operationName,
  })) as FormattedExecutionResult;
  const data = plain(result.data);
  const actual = data == null ? requested : queryCost(question, data);
  points.giveBack(Math.max(0, requested - actual));
  return {
    ...(result.data === undefined ? {} : { data }),
    ...(result.errors === undefined ? {} : { errors: result.errors.map((error) => plain(error)) }),
    extensions: { cost: cost(requested, actual, points), ...warnings(question) },
  };
}

type Prepared = { errors: unknown[] } | { document: DocumentNode; question: CostQuestion };

function prepare(request: GraphqlRequest): Prepared {
  let document: DocumentNode;
  try {
    document = parse(request.query);
  } catch (error) {
    return { errors: [plain(error)] };
  }
  const errors = validate(schema, document);
  if (errors.length > 0) return { errors: errors.map(shopifyWording) };
  const operations = document.definitions.filter(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const name = request.operationName;
  const operation = name == null ? operations[0] : operations.find((each) => each.name?.value === name);
  if (operation === undefined) return { errors: [{ message: `No operation named "${name}"` }] };
  const fragments = Object.fromEntries(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  return { document, question: { schema, operation, fragments, variables: request.variables ?? {} } };
}

/** The two refusals that people meet most, in Shopify's words. */
function shopifyWording(error: GraphQLError): unknown {
  const unknownField = /^Cannot query field "(.+?)" on type "(.+?)"/.exec(error.message);
  if (unknownField === null) return plain(error);
  const [, fieldName, typeName] = unknownField;
  return {
    ...(plain(error) as Answer),
    message: `Field '${fieldName}' doesn't exist on type '${typeName}'`,
    extensions: { code: 'undefinedField', typeName, fieldName },
  };
}

function tooCostly(asked: number): unknown {
  return {
    message: `Query cost is ${asked}, which exceeds the single query max cost limit (${LARGEST_COST}).`,
    extensions: { code: 'MAX_COST_EXCEEDED', cost: asked, maxCost: LARGEST_COST },
  };
}

function throttled(): unknown {
  return {
    message: 'Throttled',
    extensions: { code: 'THROTTLED', documentation: 'https://shopify.dev/api/usage/rate-limits' },
  };
}

function cost(requestedQueryCost: number, actualQueryCost: number | null, points: Bucket) {
  const { maximum, restoreRate } = points;
  const throttleStatus = { maximumAvailable: maximum, currentlyAvailable: points.available(), restoreRate };
  return { requestedQueryCost, actualQueryCost, throttleStatus };
}

/** Search filters that were left out because nobody knows them. */
function warnings({ operation, variables }: CostQuestion) {
  const search = operation.selectionSet.selections.flatMap((selection) => {
    if (selection.kind !== Kind.FIELD || selection.name.value !== 'orders') return [];
    const argument = selection.arguments?.find((each) => each.name.value === 'query')?.value;
    const query =
      argument?.kind === Kind.STRING
        ? argument.value
        : argument?.kind === Kind.VARIABLE
          ? variables[argument.name.value]
          : undefined;
    const { ignored } = orderSearch(query as string | undefined);
    if (ignored.length === 0) return [];
    const found = ignored.map((field) => ({ field, message: 'Invalid search field for this query.' }));
    return [{ path: ['orders'], query, warnings: found }];
  });
  return search.length > 0 ? { search } : {};
}

/** As JSON would carry it. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
