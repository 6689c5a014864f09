# SPDX-License-Identifier: Apache-2.0
"""Recurrent networks as estimators and models of Spark ML.

The classes are those of the Java package of the same name, with the same params. Where the jar is on the classpath of
Spark (spark-submit --jars, spark.jars), this module comes along: add the jar to Python's path as well (--py-files).
"""

from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import JavaMLReadable, JavaMLWritable
from pyspark.ml.wrapper import JavaEstimator, JavaModel

__all__ = [
    "SequenceClassifier",
    "SequenceClassifierModel",
    "SequenceTagger",
    "SequenceTaggerModel",
    "SequenceForecaster",
    "SequenceForecasterModel",
    "SequenceTranslator",
    "SequenceTranslatorModel",
    "LanguageModelFeaturizer",
    "LanguageModelFeaturizerModel",
]

_TEXT = TypeConverters.toString
_TEXTS = TypeConverters.toListString
_INT = TypeConverters.toInt
_FLOAT = TypeConverters.toFloat
_FLAG = TypeConverters.toBoolean

_COLUMNS = {"inputCol": _TEXT, "handleInvalid": _TEXT}
_PREDICTION = {"predictionCol": _TEXT}
_PROBABILITY = {"probabilityCol": _TEXT, "rawPredictionCol": _TEXT}
_STATES = {"outputCol": _TEXT, "statePooling": _TEXT}
_SEARCH = {"beamSize": _INT, "maxOutputLength": _INT, "lengthPenalty": _FLOAT}
_LABELS = {"labelCol": _TEXT, "validationIndicatorCol": _TEXT, "bidirectional": _FLAG}
_TRAINING = {
    "maxIter": _INT,
    "seed": _INT,
    "stepSize": _FLOAT,
    "solver": _TEXT,
    "batchSize": _INT,
    "cellType": _TEXT,
    "hiddenSize": _INT,
    "numLayers": _INT,
    "embeddingSize": _INT,
    "dropout": _FLOAT,
    "tokenizer": _TEXT,
    "lowercase": _FLAG,
    "minCount": _INT,
    "vocabSize": _INT,
    "validationFraction": _FLOAT,
    "patience": _INT,
    "numShards": _INT,
    "numWorkers": _INT,
    "options": _TEXTS,
    "workDir": _TEXT,
    "verbose": _FLAG,
}


def _with_params(*groups):
    """Gives a class its params, each with a getter and a setter; what they mean, Java's own say (explainParams)."""

    def decorate(cls):
        for group in groups:
            for name, converter in group.items():
                _add(cls, name, converter)
        return cls

    return decorate


def _add(cls, name, converter):
    setattr(cls, name, Param(Params._dummy(), name, "see the Java class of the same name", converter))

    def get(self):
        return self.getOrDefault(getattr(self, name))

    def set_(self, value):
        return self._set(**{name: value})

    capital = name[0].upper() + name[1:]
    get.__doc__ = "Returns the value of %s, or its default." % name
    set_.__doc__ = "Sets %s." % name
    setattr(cls, "get" + capital, get)
    setattr(cls, "set" + capital, set_)


class _Estimator(JavaEstimator, JavaMLReadable, JavaMLWritable):
    """What all estimators do alike: params are keywords, and defaults are Java's."""

    def __init__(self, **params):
        super().__init__()
        self._java_obj = self._new_java_obj(self._java_class(), self.uid)
        self._take_defaults()
        self._set(**params)

    def setParams(self, **params):
        """Sets params by their names."""
        return self._set(**params)

    @classmethod
    def _java_class(cls):
        return "org.unroll.spark.ml." + cls.__name__

    def _take_defaults(self):
        # Through Spark Connect there is no object in this process to ask: the server has the defaults.
        if hasattr(self._java_obj, "hasDefault"):
            self._transfer_params_from_java()

    def _create_model(self, java_model):
        return globals()[type(self).__name__ + "Model"](java_model)


class _Model(JavaModel, JavaMLReadable, JavaMLWritable):
    """What all models do alike. Any model folder can be loaded, whoever wrote it."""

    @classmethod
    def _java_class(cls):
        return "org.unroll.spark.ml." + cls.__name__


@_with_params(_COLUMNS, _PREDICTION, _PROBABILITY, _LABELS, _TRAINING, {"pooling": _TEXT, "maxLength": _INT})
class SequenceClassifier(_Estimator):
    """Learns a class for every sequence."""


@_with_params(_COLUMNS, _PREDICTION, _PROBABILITY, {"labels": _TEXTS})
class SequenceClassifierModel(_Model):
    """Tells a class for every sequence: its index, the probabilities of all classes, and their logarithms."""


@_with_params(_COLUMNS, _PREDICTION, _LABELS, _TRAINING, {"head": _TEXT})
class SequenceTagger(_Estimator):
    """Learns a label for every step of a sequence."""


@_with_params(_COLUMNS, _PREDICTION)
class SequenceTaggerModel(_Model):
    """Tells a label for every step of a sequence."""


@_with_params(
    _COLUMNS, _PREDICTION, _LABELS, _TRAINING, {"pooling": _TEXT, "horizon": _INT, "contextLength": _INT}
)
class SequenceForecaster(_Estimator):
    """Learns the next numbers of a series, or the number that goes with a sequence."""


@_with_params(_COLUMNS, _PREDICTION)
class SequenceForecasterModel(_Model):
    """Tells the next numbers of a series, or the number that goes with a sequence."""


@_with_params(_COLUMNS, _PREDICTION, _SEARCH, _LABELS, _TRAINING)
class SequenceTranslator(_Estimator):
    """Learns to write a text about a text."""


@_with_params(_COLUMNS, _PREDICTION, _SEARCH)
class SequenceTranslatorModel(_Model):
    """Writes a text about every text."""


@_with_params(_COLUMNS, _STATES, _TRAINING, {"windowSize": _INT})
class LanguageModelFeaturizer(_Estimator):
    """Learns a language model of a column of text."""


@_with_params(_COLUMNS, _STATES)
class LanguageModelFeaturizerModel(_Model):
    """Tells the hidden states of a language model that has read a text."""
