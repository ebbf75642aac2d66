package org.espalier.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Memory layouts. */
final class MemoryLayouts {
    private MemoryLayouts() {}

    /** A copy of a 4-D tensor with axis 1 innermost in memory. */
    static Tensor channelsLast(Tensor t) {
        return t.contiguous(torch.MemoryFormat.ChannelsLast);
    }
}
