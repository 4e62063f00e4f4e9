"""Code with errors for the drill of question 40; what is cured stands beside it."""

from sklearn.preprocessing import StandardScaler


def predictions(model, X_train, y_train, X_new):
    scaler = StandardScaler()
    model.fit(scaler.fit_transform(X_train), y_train)
    return model.predict(scaler.fit_transform(X_new))


def predictions_cured(model, X_train, y_train, X_new):
    scaler = StandardScaler()
    model.fit(scaler.fit_transform(X_train), y_train)
    return model.predict(scaler.transform(X_new))


def standardized(X):
    return (X - X.mean()) / X.std()


def standardized_cured(X):
    return (X - X.mean(dim=0)) / X.std(dim=0)
