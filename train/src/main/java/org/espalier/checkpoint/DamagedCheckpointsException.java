package org.espalier.checkpoint;

import java.nio.file.Path;

/** There are checkpoints, and none of them is what was written, so that a run can only begin again at its first step. */
public final class DamagedCheckpointsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DamagedCheckpointsException(Path folder, int count, String why) {
        super("checkpoints in " + folder + ": "
                + (count == 1 ? "the only one is damaged" : "all " + count + " are damaged") + " (" + why
                + "), so the run cannot go on; nothing was removed");
    }
}
