// The part of noVNC 1.7 that is used here; it brings no types.
declare module '@novnc/novnc' {
  export type RfbEvents = {
    connect: CustomEvent;
    /** `clean` is false when noVNC gave up by itself. */
    disconnect: CustomEvent<{ clean: boolean }>;
    credentialsrequired: CustomEvent<{ types: string[] }>;
    bell: CustomEvent;
    securityfailure: CustomEvent<{ status: number; reason?: string }>;
  };

  class RFB extends EventTarget {
    constructor(target: HTMLElement, channel: object, options?: { shared?: boolean });
    viewOnly: boolean;
    scaleViewport: boolean;
    resizeSession: boolean;
    background: string;
    disconnect(): void;
    focus(options?: FocusOptions): void;
    sendCtrlAltDel(): void;
    sendKey(keysym: number, code: string, down?: boolean): void;
    addEventListener<Name extends keyof RfbEvents>(
      name: Name,
      listener: (event: RfbEvents[Name]) => void,
      options?: AddEventListenerOptions
    ): void;
  }

  export { RFB as default };
}
