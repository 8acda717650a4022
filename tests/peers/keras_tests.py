"""Which of Keras' test files are run, and which of their tests are left out.

For each file: the reason, and the tests (``Class.test``, ``*`` for any) that it holds for. What is listed is run all
the same and must fail, so a reason that no longer holds is noticed.
"""

from __future__ import annotations

LEFT_OUT: dict[str, dict[str, list[str]]] = {
    "activations/activations_test.py": {
        "gpunet has no gated linear unit: it halves the number of features": ["ActivationsTest.test_glu"],
    },
    "initializers/constant_initializers_test.py": {
        "gpunet has no Fourier transform": ["ConstantInitializersTest.test_stft_initializer"],
    },
    "initializers/random_initializers_test.py": {
        "gpunet has no attention": ["RandomInitializersTest.test_mha_query_projection_variance"],
    },
    "losses/loss_test.py": {
        "no masks": ["LossTest.test_mask*", "LossTest.test_rank_adjustment_*"],
        "no dtype policies": ["LossTest.test_dtype_arg", "LossTest.test_default_dtype"],
        "a name stands for a Loss, which knows its gradient, not for a function": [
            "LossTest.test_get_method",
            "LossTest.test_pickle",
        ],
    },
    "losses/losses_test.py": {
        "no bfloat16": ["*.test_dtype_arg"],
        "the configuration holds the loss' own argument too, without which it doesn't come back": [
            "CosineSimilarityTest.test_config",
            "HuberLossTest.test_config",
        ],
        "no such loss": [
            "BinaryFocalCrossentropyTest.*",
            "CTCTest.*",
            "CategoricalFocalCrossentropyTest.*",
            "CategoricalGeneralizedCrossEntropyTest.*",
            "CategoricalHingeTest.*",
            "CircleTest.*",
            "DiceTest.*",
            "TverskyTest.*",
        ],
    },
    "metrics/accuracy_metrics_test.py": {},
    "metrics/confusion_metrics_test.py": {
        "no functional models": ["MultiAUCTest.test_keras_model_compiles"],
        'a loss is named, "crossentropy" alone is none': [
            "SensitivityAtSpecificityTest.test_handles_sas_metrics"
        ],
    },
    "metrics/f_score_metrics_test.py": {
        "shapes are always known": ["FBetaScoreTest.test_undefined_output_dim_raises_value_error"],
    },
    "metrics/hinge_metrics_test.py": {"no such loss": ["CategoricalHingeTest.*"]},
    "metrics/metric_test.py": {
        "a metric of one's own keeps its state in plain arrays": [
            "MetricTest.test_end_to_end_flow",
            "MetricTest.test_serialization",
            "MetricTest.test_stateless_*",
            "MetricTest.test_submetric_tracking",
            "MetricTest.test_variable_tracking",
        ],
        "no dtype policies": ["MetricTest.test_dtype_arg", "MetricTest.test_default_dtype"],
    },
    "metrics/probabilistic_metrics_test.py": {},
    "metrics/reduction_metrics_test.py": {
        "no symbolic tensors": ["*.test_weighted_dynamic_shape*"],
        "no functional models": ["MetricWrapperTest.test_binary_accuracy_with_boolean_inputs"],
    },
    "metrics/regression_metrics_test.py": {},
    "optimizers/adadelta_test.py": {},
    "optimizers/adagrad_test.py": {},
    "optimizers/adam_test.py": {
        "TensorFlow's sparse gradients": ["AdamTest.test_clipnorm_indexed_slices"],
    },
    "optimizers/adamax_test.py": {},
    "optimizers/adamw_test.py": {},
    "optimizers/nadam_test.py": {
        "looks at a private attribute": ["NadamTest.test_build_with_empty_var_list"],
    },
    "optimizers/optimizer_test.py": {
        "TensorFlow's variables and checkpoints": [
            "OptimizerTest.test_mixed_with_tf_variables",
            "OptimizerTest.test_tf_checkpointing",
        ],
        "no gradient accumulation": ["OptimizerTest.test_*gradient_accumulation*"],
        "no loss scaling": ["OptimizerTest.test_static_loss_scaling"],
        "no constraints": ["OptimizerTest.test_constraints_are_applied"],
        "no variables that a gradient replaces, as 8-bit floats need": [
            "OptimizerTest.test_overwrite_with_gradient"
        ],
        "no Lion, Ftrl, Adafactor": [
            "OptimizerTest.test_pickleable_optimizers7",
            "OptimizerTest.test_pickleable_optimizers9",
            "OptimizerTest.test_pickleable_optimizers10",
        ],
        "a missing gradient is an error, not a warning": ["OptimizerTest.test_empty_gradients"],
        "targets of another shape than the predictions are refused": [
            "OptimizerTest.test_ema_with_model_fit"
        ],
        "names are not numbered": ["OptimizerTest.test_optimizer_auto_naming"],
        "the state is set by set_state": ["OptimizerTest.test_set_weights"],
    },
    "optimizers/rmsprop_test.py": {},
    "optimizers/schedules/learning_rate_schedule_test.py": {},
    "optimizers/sgd_test.py": {},
    "regularizers/regularizers_test.py": {},
}
