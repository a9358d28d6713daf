import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type PageArguments, pageSize } from './pages.ts';

export interface CostQuestion {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: Record<string, FragmentDefinitionNode>;
  variables: Record<string, unknown>;
}

/**
 * Points a query asks for: a scalar 0, an object 1, a connection 2 plus its page size times the cost of a node, a
 * mutation 10 (shopify.dev/docs/api/usage/limits). With the answer's `data`: what it really used. Throws a
 * GraphQLError when a connection has no page size or one above 250.
 */
export function queryCost(question: CostQuestion, data?: unknown): number {
  const { schema, operation } = question;
  const root = schema.getRootType(operation.operation)!;
  const cost = costOf(question, operation.selectionSet, root, data);
  if (operation.operation !== 'mutation') return Math.max(1, cost);
  return 10 * operation.selectionSet.selections.length;
}

function costOf(question: CostQuestion, set: SelectionSetNode, type: GraphQLObjectType | null, data: unknown): number {
  let cost = 0;
  for (const { field, on } of fieldsOf(question, set, type)) {
    cost += fieldCost(question, field, on, (data as Record<string, unknown> | undefined)?.[aliasOf(field)], data);
  }
  return cost;
}

const aliasOf = (field: FieldNode): string => field.alias?.value ?? field.name.value;

/** Fields of a selection with fragments opened, and the type each stands on. */
function fieldsOf(
  question: CostQuestion,
  set: SelectionSetNode,
  type: GraphQLObjectType | null,
): { field: FieldNode; on: GraphQLObjectType | null }[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [{ field: selection, on: type }];
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? question.fragments[selection.name.value] : selection;
    if (fragment === undefined) return [];
    const condition = fragment.typeCondition;
    const narrowed = condition === undefined ? type : question.schema.getType(condition.name.value);
    return fieldsOf(question, fragment.selectionSet, (narrowed ?? null) as GraphQLObjectType | null);
  });
}

function fieldCost(
  question: CostQuestion,
  field: FieldNode,
  on: GraphQLObjectType | null,
  value: unknown,
  data: unknown,
): number {
  const known = isObjectType(on) || isInterfaceType(on) ? on.getFields()[field.name.value] : undefined;
  if (known === undefined || field.selectionSet === undefined) return 0;
  const type = getNamedType(known.type);
  if (!isCompositeType(type)) return 0;
  if (data !== undefined && value == null) return 0;
  const inside = (part: unknown) => costOf(question, field.selectionSet!, type as GraphQLObjectType, part);
  if (type.name.endsWith('Connection')) return 2 + connectionCost(question, field, type as GraphQLObjectType, value);
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + 1 + inside(each), 0);
  return 1 + inside(value);
}

/** Page size (asked for, or really given) times the cost of one node. */
function connectionCost(question: CostQuestion, field: FieldNode, type: GraphQLObjectType, value: unknown): number {
  const size = pageSize(pageArguments(field, question.variables));
  const answer = value as { nodes?: unknown[]; edges?: { node?: unknown }[] } | undefined;
  const nodes = answer === undefined ? undefined : (answer.nodes ?? answer.edges?.map((edge) => edge.node) ?? []);
  const sets = nodeSelections(question, field.selectionSet!, type);
  const nodeType = getNamedType(type.getFields().nodes!.type) as GraphQLObjectType;
  const one = (node: unknown) => 1 + sets.reduce((sum, set) => sum + costOf(question, set, nodeType, node), 0);
  if (sets.length === 0) return 0;
  return nodes === undefined ? size * one(undefined) : nodes.reduce<number>((sum, node) => sum + one(node), 0);
}

/** What is selected of the nodes, be it through `nodes` or through `edges { node }`. */
function nodeSelections(question: CostQuestion, set: SelectionSetNode, type: GraphQLObjectType): SelectionSetNode[] {
  return fieldsOf(question, set, type).flatMap(({ field }) => {
    if (field.selectionSet === undefined) return [];
    if (field.name.value === 'nodes') return [field.selectionSet];
    if (field.name.value !== 'edges') return [];
    return fieldsOf(question, field.selectionSet, null)
      .filter((inner) => inner.field.name.value === 'node')
      .flatMap((inner) => (inner.field.selectionSet === undefined ? [] : [inner.field.selectionSet]));
  });
}

function pageArguments(field: FieldNode, variables: Record<string, unknown>): PageArguments {
  const found: Record<string, unknown> = {};
  for (const argument of field.arguments ?? []) {
    const { value } = argument;
    if (value.kind === Kind.INT) found[argument.name.value] = Number.parseInt(value.value, 10);
    if (value.kind === Kind.VARIABLE) found[argument.name.value] = variables[value.name.value];
  }
  return { first: found.first, last: found.last } as PageArguments;
}
