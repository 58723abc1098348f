/** What is left where no kernel can be traced. */
export const simHint = 'without a kernel: --backend sim traces a simulated one';
