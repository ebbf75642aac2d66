package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class BenchCommandTest {
    @Test
    void json_twoNetworks_atTwoBatchSizes() {
        Run run = Run.of("bench", "lenet5", "lenet5:0.1", "--seconds", "0.1", "--json");
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.path("threads").asInt()).isEqualTo(1);
        assertThat(json.path("batches").findValuesAsText("batch_size")).containsExactly("1", "100");
        for (JsonNode batch : json.path("batches")) {
            JsonNode models = batch.path("models");
            assertThat(models.findValuesAsText("model")).containsExactly("lenet5", "lenet5:0.1");
            assertThat(models.path(0).path("speedup").asDouble()).isEqualTo(1);
            assertThat(models.path(1).path("speedup").asDouble()).isPositive();
            assertThat(models.path(1).path("median_ms").asDouble()).isPositive();
        }
    }

    @Test
    void text_oneBatchSize_isATable() {
        Run run = Run.of("bench", "lenet-300-100", "--seconds", "0.05", "--batch-size", "7");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().lines()).hasSize(2);
        assertThat(run.out()).contains("speed-up", "lenet-300-100", "1.00x");
    }
}
