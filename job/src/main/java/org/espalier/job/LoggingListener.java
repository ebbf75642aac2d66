package org.espalier.job;

import org.espalier.progress.EpochMetrics;

/** Logs a job's phases and epochs (debug), and its messages (info, warning), as {@code org.espalier.job}: for jobs without a listener. */
final class LoggingListener implements JobListener {
    private static final System.Logger LOG = System.getLogger("org.espalier.job");

    @Override
    public void onPhase(JobPhase phase) {
        LOG.log(System.Logger.Level.DEBUG, () -> "phase " + Format.lower(phase));
    }

    @Override
    public void onEpoch(EpochMetrics m) {
        LOG.log(
                System.Logger.Level.DEBUG,
                () -> Format.of("%s epoch %d/%d, loss %.4f", m.phase(), m.epoch(), m.epochs(), m.loss()));
    }

    @Override
    public void onMessage(JobMessage message) {
        System.Logger.Level level =
                switch (message.level()) {
                    case INFO -> System.Logger.Level.INFO;
                    case WARNING -> System.Logger.Level.WARNING;
                };
        LOG.log(level, message::text);
    }
}
