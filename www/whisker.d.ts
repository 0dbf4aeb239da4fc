/** Makes `<whisker-playground>` known. Costs nothing until one stands in the document. */
export default function init(): Promise<void>;

/** A parameter's shape, and its numbers in row-major order. */
export interface Weight { shape: number[]; data: Float32Array }

export interface SessionOptions {
  /** Where to compute; "auto" is whichever is faster for this network on this machine. Default: "auto". */
  device?: "auto" | "cpu" | "webgpu";
  /** How many workers may share a large step on the CPU, 1 to 64; the same number gives the same bits. Default: 1. */
  workers?: number;
}

/** A network in training. Every method rejects with an `Error` that says what was expected, what came and what to do. */
export class Session {
  private constructor();
  /** Opens an experiment document, as text or as an object. */
  static create(spec: string | object, options?: SessionOptions): Promise<Session>;
  /** What it computes on. */
  readonly device: "cpu" | "webgpu";
  /** So many optimizer steps on the document's data set; the loss of the last one. */
  train(steps: number): Promise<{ step: number, loss: number, milliseconds: number, samplesPerSecond: number }>;
  /** One optimizer step on a batch, x: [n, sample…], y: class indices [n] or values [n, output…]; the loss before it. */
  trainBatch(x: Float32Array, y: Float32Array): Promise<number>;
  /** How the network does on the test split. */
  evaluate(): Promise<{ loss: number, accuracy?: number }>;
  /** The network's output as in use: logits, to which no softmax is added. x: [n, sample…] → [n, output…]. */
  predict(x: Float32Array): Promise<Float32Array>;
  /** Every parameter by its name, `LAYER/PARAMETER`. */
  weights(): Promise<Record<string, Weight>>;
  /** Sets parameters by name; those that are not named stay as they are. */
  setWeights(weights: Record<string, Weight>): Promise<void>;
  /** Ends the worker and frees all that it holds. Calls still under way are rejected. */
  dispose(): void;
}
