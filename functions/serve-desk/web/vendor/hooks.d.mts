// The part of Preact's hooks that the page uses.

import type { Context } from "./preact.mjs";

type Inputs = readonly unknown[];
type Update<T> = T | ((now: T) => T);

/** What an effect returns is called before the next one, and at the end. */
type Effect = () => void | (() => void);

export interface Ref<T> {
  current: T;
}

export function useState<T>(initial: T | (() => T)): [T, (next: Update<T>) => void];
export function useReducer<T, A>(reducer: (now: T, action: A) => T, initial: T): [T, (action: A) => void];
export function useRef<T>(initial: T): Ref<T>;
export function useEffect(effect: Effect, inputs?: Inputs): void;
export function useLayoutEffect(effect: Effect, inputs?: Inputs): void;
export function useMemo<T>(make: () => T, inputs: Inputs): T;
export function useCallback<F extends (...values: any[]) => any>(callback: F, inputs: Inputs): F;
export function useContext<T>(context: Context<T>): T;
export function useId(): string;
export function useErrorBoundary(onError?: (error: unknown) => void): [unknown, () => void];
