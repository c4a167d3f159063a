// htm, as the page uses it: bound to `h` once.

type Html<T> = (strings: TemplateStringsArray, ...values: any[]) => T;

declare const htm: {
  bind<T>(h: (type: any, props: Record<string, any> | null, ...children: any[]) => T): Html<T>;
};

export default htm;
