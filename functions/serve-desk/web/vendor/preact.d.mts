// The part of Preact that the page uses.

/** What a component returns, and what `h` makes. */
export interface VNode {
  type: unknown;
  props: Record<string, any>;
  key: unknown;
}

export type Children = VNode | string | number | bigint | boolean | null | undefined | Children[];

export type Component = (props: any) => Children;

export function h(type: string | Component, props: Record<string, any> | null, ...children: Children[]): VNode;
export function render(what: Children, into: Element): void;
export function Fragment(props: { children?: Children }): Children;

export interface Context<T> {
  Provider: (props: { value: T; children?: Children }) => Children;
}

export function createContext<T>(value: T): Context<T>;
