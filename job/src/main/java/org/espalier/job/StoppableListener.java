package org.espalier.job;

import java.util.function.BooleanSupplier;
import org.espalier.progress.EpochMetrics;

/**
 * Another listener that also stops the job for a reason of its own.
 *
 * @param to is told everything
 * @param stop asked beside it
 */
record StoppableListener(JobListener to, BooleanSupplier stop) implements JobListener {
    @Override
    public void onPhase(JobPhase phase) {
        to.onPhase(phase);
    }

    @Override
    public void onEpoch(EpochMetrics metrics) {
        to.onEpoch(metrics);
    }

    @Override
    public void onMessage(JobMessage message) {
        to.onMessage(message);
    }

    @Override
    public JobProgress onBegin(String task, String unit, long total) {
        return to.onBegin(task, unit, total);
    }

    @Override
    public boolean shouldStop() {
        return stop.getAsBoolean() || to.shouldStop();
    }
}
